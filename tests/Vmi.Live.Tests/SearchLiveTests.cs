using System.Globalization;
using System.Text;
using Vmi.Cli.Tests;
using Vmi.Dumps.Tests;

namespace Vmi.Live.Tests;

/// <summary>`vmi search` against what Perl finds in the same bytes, and against what a program of the guest says it holds.</summary>
public sealed class SearchLiveTests(GuestFleet fleet)
{
    private const int Interrupted = 130;
    private const string FileGuest = "Small61", LargeGuest = "Large612";

    [Theory]
    [InlineData("Linux version", "Linux version")]
    [InlineData("4c 69 6e 75 78 ?? ?? ?5", "Linux..[\\x05\\x15\\x25\\x35\\x45U\\x65u\\x85\\x95\\xa5\\xb5\\xc5\\xd5\\xe5\\xf5]", "--hex")]
    [InlineData("βγ", "\\xb2\\x03\\xb3\\x03", "--utf16")]
    public void Physical_memory_has_what_Perl_finds_in_the_raw_file(string pattern, string expression, params string[] options)
    {
        var raw = fleet[FileGuest].Files.Single(file => file.EndsWith(".raw", StringComparison.Ordinal));
        var expected = Tool.Run("perl", "-0777", "-ne", $"print \"$-[0]\\n\" while /{expression}/gs", raw).TrimEnd('\n').Split('\n')
            .Select(offset => ulong.Parse(offset, CultureInfo.InvariantCulture)).ToList();
        var found = VmiCommandLine.Run(["search", $"raw:{raw}", pattern, "--json", .. options]).Json.EnumerateArray();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, found.Select(match => CommandComparisons.Hex(match, "address")));
    }

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void A_process_holds_its_texts_where_it_says(string name)
    {
        var guest = fleet[name];
        foreach (var content in guest.Truth.Contents.Where(content => content.Name is "secret" or "narrow" or "wide"))
        {
            // So long that it crosses the end of a page, which lies 7 bytes behind its start.
            var pattern = content.Text[..Math.Min(content.Text.Length, 1000)];
            string[] options = content.IsWide ? ["--utf16"] : [];
            string[] arguments = ["search", guest.Target, pattern, "--json", "--pid", $"{content.ProcessId}", .. options];
            var match = VmiCommandLine.Run(arguments).Json.EnumerateArray()
                .Single(match => CommandComparisons.Hex(match, "address") == content.Address);
            var bytes = (content.IsWide ? Encoding.Unicode : Encoding.Latin1).GetBytes(pattern)[..24];
            Assert.StartsWith(Convert.ToHexStringLower(bytes), CommandComparisons.Text(match, "bytes"));
            Assert.StartsWith("anonymous at 0x", CommandComparisons.Text(match, "region"));
        }
    }

    /// <summary>Whole, though a text crosses the end of a page.</summary>
    [Fact]
    public void Strings_of_a_process_are_the_texts_that_it_says_it_holds()
    {
        var guest = fleet[FileGuest];
        // The wide one is Greek, which is nothing printable to strings(1) either.
        foreach (var content in guest.Truth.Contents.Where(content => content.Name is "secret" or "narrow"))
        {
            var found = VmiCommandLine.Run("strings", guest.Elf, "--pid", $"{content.ProcessId}", "-n", "8", "--json").Json.EnumerateArray()
                .Single(match => CommandComparisons.Hex(match, "address") == content.Address);
            Assert.Equal(("ascii", content.Text), (CommandComparisons.Text(found, "encoding"), CommandComparisons.Text(found, "text")));
            Assert.StartsWith("anonymous at 0x", CommandComparisons.Text(found, "region"));
        }
    }

    [Fact]
    public void A_signal_ends_it_with_what_was_found_and_a_running_VM()
    {
        var guest = fleet[LargeGuest];
        var (exitCode, output, error) = InterruptedCommand.Run(
            () => !guest.Guest.Monitor.IsRunning, () => { }, "search", guest.Target, "no such text anywhere");
        Assert.Equal(Interrupted, exitCode);
        Assert.StartsWith("ADDRESS", output);
        Assert.StartsWith("vmi: the result is partial: it was interrupted at 0x", error);
        Assert.True(guest.Guest.Monitor.IsRunning);
    }
}
