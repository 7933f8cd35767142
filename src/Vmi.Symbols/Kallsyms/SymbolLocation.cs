using System.Globalization;

namespace Vmi.Symbols;

/// <summary>An address as a symbol and a distance from it.</summary>
/// <param name="Name">The symbol at or below the address.</param>
/// <param name="Offset">Bytes above it.</param>
public readonly record struct SymbolLocation(string Name, ulong Offset)
{
    /// <summary>`name` or `name+0x10`.</summary>
    public override string ToString() =>
        Offset == 0 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}+0x{Offset:x}");
}
