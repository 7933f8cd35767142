using System.CommandLine.Parsing;
using System.Globalization;

namespace Vmi.Cli.Options;

/// <summary>Durations as they are typed: a number of seconds, or one with its unit: `500ms`, `10s`, `2m`, `1h`.</summary>
internal static class Durations
{
    /// <summary>What is typed for no end.</summary>
    public const string None = "none";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private static readonly (string Name, TimeSpan Length)[] Units =
    [
        // "ms" before "s" and "m": the first that fits counts.
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (name, length) = Array.Find(Units, unit => text.EndsWith(unit.Name, StringComparison.Ordinal));
        var digits = text.AsSpan(0, text.Length - (name?.Length ?? 0));
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        var unit = name is null ? TimeSpan.FromSeconds(1) : length;
        if (number <= 0 || number > (decimal)(Longest / unit))
            return false;
        duration = unit * (double)number;
        return true;
    }

    /// <summary>A duration, or `none` for <see cref="Timeout.InfiniteTimeSpan"/>; for the parser of the command line.</summary>
    public static TimeSpan? ParseOrNone(ArgumentResult result) =>
        result.Tokens[0].Value == None ? Timeout.InfiniteTimeSpan : Parse(result);

    /// <summary>For the parser of the command line.</summary>
    public static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (TryParse(text, out var duration))
            return duration;
        result.AddError($"'{text}' is no duration up to {Longest.TotalDays:0} days: write 500ms, 10s, 2m or 1h.");
        return null;
    }
}
