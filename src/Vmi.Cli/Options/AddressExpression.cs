using System.CommandLine.Parsing;
using System.Globalization;
using Vmi.Linux;

namespace Vmi.Cli.Options;

/// <summary>
/// An address as it is typed: `0x` and hexadecimal digits, or a kernel symbol, each with a distance if wanted: `name+0x10`.
/// </summary>
/// <param name="Text">What was typed.</param>
/// <param name="Symbol">The symbol; null for a number.</param>
/// <param name="Number">The number, or the distance from the symbol.</param>
internal readonly record struct AddressExpression(string Text, string? Symbol, ulong Number)
{
    /// <summary>The address, where it is one by itself.</summary>
    public Va? Literal => Symbol is null ? new Va(Number) : null;

    /// <summary>Takes what was typed apart.</summary>
    public static bool TryParse(string text, out AddressExpression expression)
    {
        expression = default;
        var sign = text.LastIndexOfAny(['+', '-']);
        var name = sign > 0 ? text[..sign] : text;
        var distance = 0UL;
        if (sign > 0 && !Numbers.TryParse(text.AsSpan(sign + 1), out distance) || name.Length == 0)
            return false;
        if (sign > 0 && text[sign] == '-')
            distance = unchecked(0 - distance);
        if (name.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            if (!Numbers.TryParse(name, out var number))
                return false;
            expression = new AddressExpression(text, null, unchecked(number + distance));
            return true;
        }

        if (char.IsAsciiDigit(name[0]) || name.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0)
            return false;
        expression = new AddressExpression(text, name, distance);
        return true;
    }

    /// <summary>For the parser of the command line.</summary>
    public static AddressExpression Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!TryParse(text, out var expression))
        {
            result.AddError(
                $"'{text}' is no address: write 0x and hexadecimal digits, or a symbol, as in 0xffffffff81000000 or name+0x10.");
        }

        return expression;
    }

    /// <summary>The address in a running kernel.</summary>
    /// <exception cref="VmiException">It has no such symbol, or several.</exception>
    public Va Resolve(LinuxKernel kernel)
    {
        if (Symbol is not { } name)
            return new Va(Number);
        var found = kernel.Profile.Symbols.Find(name);
        return found.Count switch
        {
            1 => found[0].Address + Number,
            0 => throw new VmiException(name.AsSpan().IndexOfAnyExcept(Numbers.HexDigits) < 0
                ? $"The kernel has no symbol {name}; if it is an address, write 0x{name}."
                : $"The kernel has no symbol {name}."),
            _ => throw new VmiException(
                $"The kernel has {found.Count} symbols {name}: give the address of the one meant (`vmi sym` lists them)."),
        };
    }
}
