using System.Globalization;

namespace Vmi.Amd64;

/// <summary>GDTR or IDTR: where a descriptor table lies.</summary>
/// <param name="Base">The linear address of its first byte.</param>
/// <param name="Limit">The offset of its last byte.</param>
public readonly record struct DescriptorTableRegister(Va Base, ushort Limit)
{
    /// <summary>Bytes in the table, 1 to 65536.</summary>
    public int Length => Limit + 1;

    /// <summary>Base and limit.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Base} limit 0x{Limit:x4}");
}
