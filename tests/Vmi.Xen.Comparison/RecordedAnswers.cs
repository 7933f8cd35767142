using System.Text.Json;
using Vmi.Cli.Tests;

namespace Vmi.Xen.Comparison;

/// <summary>
/// What checks.sh wrote of runs of the <c>vmi</c> command in dom0: the output in a file named by the command and what followed the
/// target, with <c>_</c> between; the exit status in NAME.status, the errors in NAME.errors.
/// </summary>
internal sealed class RecordedAnswers(string directory)
{
    /// <summary>The answer to a question that was asked in dom0; one that was not asked, or that failed, fails.</summary>
    public JsonElement Ask(string command, params string[] arguments)
    {
        var path = Path.Combine(directory, string.Join('_', [command, .. arguments]));
        return new CommandResult(int.Parse(File.ReadAllText(path + ".status"), System.Globalization.CultureInfo.InvariantCulture),
            File.ReadAllText(path), File.ReadAllText(path + ".errors")).Json;
    }

    /// <summary>The lines that a command wrote until it had as many as it was told to.</summary>
    public IReadOnlyList<JsonElement> Lines(string name)
    {
        var path = Path.Combine(directory, name);
        if (File.ReadAllText(path + ".status").Trim() != "0")
            throw new IOException($"it ended with {File.ReadAllText(path + ".status").Trim()}: {File.ReadAllText(path + ".errors")}");
        return [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
