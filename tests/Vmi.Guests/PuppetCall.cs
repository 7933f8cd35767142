using System.Globalization;

namespace Vmi.Guests;

/// <summary>
/// A system call that a program of the puppet has made, as the program itself tells it. Beside those listed, a program makes only
/// <c>read</c> of descriptor 0 and <c>write</c> to descriptor 1 from when it runs to when it has answered.
/// </summary>
/// <param name="Tid">The thread.</param>
/// <param name="Name">The call, as in <c>unistd.h</c>: <c>openat</c>.</param>
/// <param name="Result">What came back in RAX; null for a call that does not return.</param>
/// <param name="Arguments">The argument registers, as many as the call has.</param>
/// <param name="Pointed">
/// What arguments point to: <c>path</c>, <c>unix</c>, <c>inet</c>, <c>module</c>, <c>pipe</c>, <c>time</c>, <c>status</c> as text,
/// <c>data</c> in hexadecimal.
/// </param>
public sealed record PuppetCall(
    int Tid, string Name, long? Result, IReadOnlyList<ulong> Arguments, IReadOnlyDictionary<string, string> Pointed)
{
    /// <summary>Reads the answer of <c>calls</c> or <c>modules</c>.</summary>
    /// <exception cref="FormatException">It is no list of calls.</exception>
    public static IReadOnlyList<PuppetCall> Parse(string answer) => [.. answer.Split('\n').Skip(1).Select(ParseLine)];

    private static PuppetCall ParseLine(string line)
    {
        string[] parts = line.Split('\t');
        if (parts.Length < 4)
            throw new FormatException($"\"{line}\" is no call.");

        return new PuppetCall(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            parts[1],
            parts[2] == "-" ? null : long.Parse(parts[2], CultureInfo.InvariantCulture),
            [.. parts[3].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ParseArgument)],
            parts.Skip(4).Select(part => part.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]));
    }

    private static ulong ParseArgument(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
