using System.Globalization;

namespace Vmi.Amd64;

/// <summary>A segment selector (Intel SDM volume 3, 3.4.2).</summary>
/// <param name="Value">The 16 bits.</param>
public readonly record struct SegmentSelector(ushort Value)
{
    /// <summary>RPL: the requested privilege level, 0 to 3; in CS the current one.</summary>
    public int Rpl => Value & 3;

    /// <summary>TI: whether the index counts in the LDT; else in the GDT.</summary>
    public bool IsLocal => Bits.Get(Value, 2);

    /// <summary>The number of the 8-byte descriptor in its table, 0 to 8191.</summary>
    public int Index => Value >> 3;

    /// <summary>The selector of 16 bits.</summary>
    public static implicit operator SegmentSelector(ushort value) => new(value);

    /// <summary>`0x` and 4 lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x4}");
}
