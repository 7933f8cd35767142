using System.Globalization;

namespace Vmi;

/// <summary>A guest virtual address, in bytes.</summary>
/// <param name="Value">The address as a number.</param>
/// <remarks>Arithmetic wraps at 2^64, as the hardware's address computation does.</remarks>
public readonly record struct Va(ulong Value) : IComparable<Va>
{
    /// <summary>The address <paramref name="offset"/> bytes above.</summary>
    public static Va operator +(Va address, ulong offset) => new(unchecked(address.Value + offset));

    /// <summary>The address <paramref name="offset"/> bytes below.</summary>
    public static Va operator -(Va address, ulong offset) => new(unchecked(address.Value - offset));

    /// <summary>The distance from <paramref name="right"/> up to <paramref name="left"/>.</summary>
    public static ulong operator -(Va left, Va right) => unchecked(left.Value - right.Value);

    /// <summary>The bits of the address that <paramref name="mask"/> keeps.</summary>
    public static Va operator &(Va address, ulong mask) => new(address.Value & mask);

    /// <summary>The address with the bits of <paramref name="bits"/> set.</summary>
    public static Va operator |(Va address, ulong bits) => new(address.Value | bits);

    /// <summary>Whether <paramref name="left"/> lies below <paramref name="right"/>.</summary>
    public static bool operator <(Va left, Va right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> lies above <paramref name="right"/>.</summary>
    public static bool operator >(Va left, Va right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or below <paramref name="right"/>.</summary>
    public static bool operator <=(Va left, Va right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or above <paramref name="right"/>.</summary>
    public static bool operator >=(Va left, Va right) => left.Value >= right.Value;

    /// <summary>Whether this is the null pointer.</summary>
    public bool IsNull => Value == 0;

    /// <summary>Whether the address lies in the upper half of the address space, where kernels live (bit 63 set).</summary>
    public bool IsUpperHalf => (long)Value < 0;

    /// <inheritdoc/>
    public int CompareTo(Va other) => Value.CompareTo(other.Value);

    /// <summary>`0x` and 16 lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x16}");
}
