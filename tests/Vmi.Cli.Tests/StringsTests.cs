using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Vmi.Cli.Tests;

/// <summary>`vmi strings` against strings(1) of binutils over the same file: a library of .NET's, full of texts of both kinds.</summary>
public sealed class StringsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    /// <summary>Filled up to whole frames, which a raw image has.</summary>
    public StringsTests()
    {
        using var file = File.OpenWrite(_file);
        using (var library = File.OpenRead(typeof(JsonElement).Assembly.Location))
            library.CopyTo(file);
        file.SetLength((file.Length + (Frame.Size - 1)) & ~(Frame.Size - 1));
    }

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("ascii", "s", "5")]
    [InlineData("utf16", "l", "1")]
    [InlineData("utf16", "l", "4")]
    public void Offsets_and_texts_are_those_of_binutils(string encoding, string theirs, string least)
    {
        var expected = Binutils(theirs, least);
        Assert.True(expected.Count > 500, $"{expected.Count} texts");
        var found = VmiCommandLine.Run("strings", $"raw:{_file}", "--encoding", encoding, "-n", least, "--json").Json;
        Assert.Equal(expected, found.EnumerateArray().Select(each => (Address(each), each.GetProperty("text").GetString()!)));
        Assert.All(found.EnumerateArray(), each => Assert.Equal(encoding, each.GetProperty("encoding").GetString()));
    }

    [Fact]
    public void Without_an_encoding_both_are_found_and_the_lines_are_harmless()
    {
        var (exitCode, output, error) = VmiCommandLine.Run("strings", $"raw:{_file}", "-n", "12");
        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(["ADDRESS", "ENCODING", "TEXT"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var expected = Binutils("s", "12").Select(each => Line(each, "ascii"))
            .Concat(Binutils("l", "12").Select(each => Line(each, "utf16")));
        Assert.Equal(expected.Order(StringComparer.Ordinal), lines.Skip(1).Order(StringComparer.Ordinal));
        Assert.DoesNotContain('\t', output);
    }

    /// <summary>So short that it is over before the program has begun its pass, not to speak of the last of 256 pieces.</summary>
    [Fact]
    public void A_time_limit_ends_a_pass_with_what_was_found_and_exit_code_3()
    {
        using (var file = File.OpenWrite(_file))
            file.SetLength(256 << 20);
        var (exitCode, output, error) = VmiCommandLine.Run("strings", $"raw:{_file}", "--time-limit", "1ms", "--json");
        Assert.Equal(3, exitCode);
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(output).RootElement.ValueKind);
        Assert.StartsWith("vmi: the result is partial: the time limit of 0.001 s was reached (--time-limit)", error);
    }

    private static string Line((ulong Address, string Text) found, string encoding) => string.Create(
        CultureInfo.InvariantCulture,
        $"{$"0x{found.Address:x}",-12}  {encoding,-8}  {found.Text.Replace("\t", "\\t", StringComparison.Ordinal)}").TrimEnd(' ');

    private static ulong Address(JsonElement found) => Convert.ToUInt64(found.GetProperty("address").GetString(), 16);

    private List<(ulong Address, string Text)> Binutils(string encoding, string least)
    {
        using var process = Process.Start(new ProcessStartInfo("strings", ["-a", "-t", "x", "-e", encoding, "-n", least, _file])
        {
            RedirectStandardOutput = true,
            Environment = { ["LC_ALL"] = "C" },
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        var found = new List<(ulong, string)>();
        foreach (var line in output.TrimEnd('\n').Split('\n'))
        {
            // The offset at the right of 7 columns, a blank, the text.
            var end = line.IndexOf(' ', line.Length - line.TrimStart(' ').Length);
            found.Add((Convert.ToUInt64(line[..end].Trim(), 16), line[(end + 1)..]));
        }

        return found;
    }
}
