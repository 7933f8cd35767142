using System.Buffers;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Vmi.Cli.Options;

/// <summary>Numbers as they are typed: decimal, or `0x` and hexadecimal digits.</summary>
internal static class Numbers
{
    public static SearchValues<char> HexDigits { get; } = SearchValues.Create("0123456789abcdefABCDEF");

    public static bool TryParse(ReadOnlySpan<char> text, out ulong number) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>A count from 1 to <paramref name="most"/>, for the parser of the command line.</summary>
    public static Func<ArgumentResult, int> Count(int most) => result =>
    {
        var text = result.Tokens[0].Value;
        if (TryParse(text, out var number) && number >= 1 && number <= (ulong)most)
            return (int)number;
        result.AddError($"'{text}' is no number from 1 to {most}.");
        return 0;
    };

    /// <summary>The number of a process, thread or vCPU, for the parser of the command line.</summary>
    public static T? Id<T>(ArgumentResult result)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var text = result.Tokens[0].Value;
        if (char.IsAsciiDigit(text.FirstOrDefault()) && T.TryParse(text, CultureInfo.InvariantCulture, out var number))
            return number;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"'{text}' is no number from 0 to {T.MaxValue}."));
        return null;
    }
}
