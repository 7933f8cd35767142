using System.Globalization;

namespace Vmi;

/// <summary>A guest frame number: a guest physical address divided by the frame size of 4 KiB.</summary>
/// <param name="Value">The frame's number.</param>
public readonly record struct Gfn(ulong Value) : IComparable<Gfn>
{
    /// <summary>The physical address of the frame's first byte.</summary>
    public Pa Pa => new(Value << Frame.Shift);

    /// <summary>The frame <paramref name="count"/> frames above.</summary>
    public static Gfn operator +(Gfn gfn, ulong count) => new(unchecked(gfn.Value + count));

    /// <summary>The frame <paramref name="count"/> frames below.</summary>
    public static Gfn operator -(Gfn gfn, ulong count) => new(unchecked(gfn.Value - count));

    /// <summary>Whether <paramref name="left"/> lies below <paramref name="right"/>.</summary>
    public static bool operator <(Gfn left, Gfn right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> lies above <paramref name="right"/>.</summary>
    public static bool operator >(Gfn left, Gfn right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or below <paramref name="right"/>.</summary>
    public static bool operator <=(Gfn left, Gfn right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or above <paramref name="right"/>.</summary>
    public static bool operator >=(Gfn left, Gfn right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(Gfn other) => Value.CompareTo(other.Value);

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}
