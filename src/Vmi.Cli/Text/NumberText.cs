using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vmi.Cli.Text;

/// <summary>Numbers as the output has them: addresses as `0x` and lower-case digits, without leading zeros; the others decimal.</summary>
internal static class NumberText
{
    public static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    public static string Hex(UInt128 value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    public static string Hex(Va address) => Hex(address.Value);

    public static string Hex(Pa address) => Hex(address.Value);

    /// <summary>A decimal number; null for none.</summary>
    [return: NotNullIfNotNull(nameof(number))]
    public static string? Decimal<T>(T? number)
        where T : struct, IFormattable => number?.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>A decimal number.</summary>
    public static string Decimal<T>(T number)
        where T : struct, IFormattable => number.ToString(null, CultureInfo.InvariantCulture);
}
