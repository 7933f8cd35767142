using System.Globalization;

namespace Vmi;

/// <summary>The number of a virtual CPU, from 0.</summary>
/// <param name="Value">The number.</param>
public readonly record struct VcpuId(ushort Value)
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
