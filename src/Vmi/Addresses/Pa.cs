using System.Globalization;

namespace Vmi;

/// <summary>A guest physical address, in bytes.</summary>
/// <param name="Value">The address as a number.</param>
/// <remarks>Arithmetic wraps at 2^64, as the hardware's address computation does.</remarks>
public readonly record struct Pa(ulong Value) : IComparable<Pa>
{
    /// <summary>The address <paramref name="offset"/> bytes above.</summary>
    public static Pa operator +(Pa address, ulong offset) => new(unchecked(address.Value + offset));

    /// <summary>The address <paramref name="offset"/> bytes below.</summary>
    public static Pa operator -(Pa address, ulong offset) => new(unchecked(address.Value - offset));

    /// <summary>The distance from <paramref name="right"/> up to <paramref name="left"/>.</summary>
    public static ulong operator -(Pa left, Pa right) => unchecked(left.Value - right.Value);

    /// <summary>The bits of the address that <paramref name="mask"/> keeps.</summary>
    public static Pa operator &(Pa address, ulong mask) => new(address.Value & mask);

    /// <summary>The address with the bits of <paramref name="bits"/> set.</summary>
    public static Pa operator |(Pa address, ulong bits) => new(address.Value | bits);

    /// <summary>Whether <paramref name="left"/> lies below <paramref name="right"/>.</summary>
    public static bool operator <(Pa left, Pa right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> lies above <paramref name="right"/>.</summary>
    public static bool operator >(Pa left, Pa right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or below <paramref name="right"/>.</summary>
    public static bool operator <=(Pa left, Pa right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or above <paramref name="right"/>.</summary>
    public static bool operator >=(Pa left, Pa right) => left.Value >= right.Value;

    /// <summary>The offset within a frame of 4 KiB, 0 to 4095.</summary>
    public int FrameOffset => (int)(Value & (Frame.Size - 1));

    /// <summary>The frame of 4 KiB that holds this byte.</summary>
    public Gfn Gfn => new(Value >> Frame.Shift);

    /// <inheritdoc/>
    public int CompareTo(Pa other) => Value.CompareTo(other.Value);

    /// <summary>`0x` and 16 lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x16}");
}
