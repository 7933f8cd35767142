using System.Net.Sockets;

namespace Vmi.Cli.Tests;

public sealed class ErrorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmi-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("'frobnicate'", "frobnicate")]
    [InlineData("TARGET", "ps")]
    [InlineData("--no-such-option", "ps", "x", "--no-such-option")]
    [InlineData("extra", "ps", "x", "extra")]
    [InlineData("PID", "maps", "x")]
    [InlineData("'me'", "maps", "x", "me")]
    [InlineData("'4294967296'", "maps", "x", "4294967296")]
    [InlineData("'-1'", "threads", "x", "--pid", "-1")]
    [InlineData("LENGTH", "read", "x", "0x1000")]
    [InlineData("'12x'", "read", "x", "12x", "16")]
    [InlineData("'0'", "read", "x", "0x1000", "0", "--json")]
    [InlineData("'1g'", "read", "x", "0x1000", "1g")]
    [InlineData("64 MiB", "read", "x", "0x1000", "0x8000000", "--json")]
    [InlineData("--raw", "read", "x", "0x1000", "16", "--raw", "--json")]
    [InlineData("--physical", "read", "x", "0x1000", "16", "--pid", "1", "--physical")]
    [InlineData("BYTES", "write", "x", "0x1000")]
    [InlineData("'909'", "write", "x", "0x1000", "909")]
    [InlineData("'init_task'", "ps", "x", "--kernel", "init_task")]
    [InlineData("NAME|ADDRESS", "sym", "x")]
    [InlineData("command", "profile")]
    [InlineData("FILE", "profile", "save", "x")]
    [InlineData("FILE", "dump", "x")]
    [InlineData("PATTERN", "search", "x")]
    [InlineData("half a byte", "search", "x", "123", "--hex")]
    [InlineData("may be anything", "search", "x", "??", "--hex")]
    [InlineData("1 to 4096", "search", "x", "")]
    [InlineData("--utf16", "search", "x", "12", "--hex", "--utf16")]
    [InlineData("'0'", "strings", "x", "-n", "0")]
    [InlineData("'utf8'", "strings", "x", "--encoding", "utf8")]
    [InlineData("'soon'", "ps", "x", "--time-limit", "soon")]
    [InlineData("'tcsh'", "completion", "tcsh")]
    public void Wrong_usage_ends_with_2_and_one_line_that_says_what_is_wrong(string named, params string[] arguments)
    {
        var (exitCode, output, error) = VmiCommandLine.Run(arguments);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(named, error);
        Assert.StartsWith("vmi: ", error);
        Assert.EndsWith(" --help`.\n", error);
        Assert.Equal(error.Length - 1, error.IndexOf('\n'));
    }

    [Fact]
    public void Nothing_at_all_is_wrong_usage_with_the_help_on_the_error_output()
    {
        var (exitCode, output, error) = VmiCommandLine.Run();
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("vmi ps memory.elf", error);
    }

    [Fact]
    public void A_text_file_is_one_clear_line() =>
        AssertRefused(Write("notes.txt", "These are notes.\n"u8.ToArray()), "notes.txt");

    [Fact]
    public void A_file_that_is_not_there_is_one_clear_line() => AssertRefused(Path.Combine(_folder.FullName, "none.elf"), "none.elf");

    [Fact]
    public void A_truncated_vmcore_is_one_clear_line()
    {
        var core = Elf(machine: 62);
        // One PT_LOAD that promises 1 MiB.
        BitConverter.TryWriteBytes(core.AsSpan(64), 1);
        BitConverter.TryWriteBytes(core.AsSpan(64 + 8), 4096UL);
        BitConverter.TryWriteBytes(core.AsSpan(64 + 32), 1UL << 20);
        BitConverter.TryWriteBytes(core.AsSpan(64 + 40), 1UL << 20);
        AssertRefused(Write("short.elf", core), "truncated");
    }

    [Fact]
    public void A_vmcore_of_another_architecture_is_refused_by_its_name() =>
        AssertRefused(Write("arm.elf", Elf(machine: 183)), "AArch64");

    [Fact]
    public void A_closed_socket_is_one_clear_line()
    {
        var path = Path.Combine(_folder.FullName, "s");
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            listener.Bind(new UnixDomainSocketEndPoint(path));
        AssertRefused($"qemu:{path}", path);
    }

    [Fact]
    public void Help_goes_to_stdout_and_ends_with_0()
    {
        var (exitCode, output, error) = VmiCommandLine.Run("ps", "--help");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("--json", output);
    }

    private static void AssertRefused(string target, string expected)
    {
        var (exitCode, output, error) = VmiCommandLine.Run("ps", target);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(expected, error);
        Assert.StartsWith("vmi: ", error);
        Assert.Equal(error.Length - 1, error.IndexOf('\n'));
    }

    private static byte[] Elf(ushort machine)
    {
        var elf = new byte[4096];
        "\u007fELF"u8.CopyTo(elf);
        (elf[4], elf[5], elf[6], elf[16], elf[20], elf[32], elf[52], elf[54], elf[56]) = (2, 1, 1, 4, 1, 64, 64, 56, 1);
        BitConverter.TryWriteBytes(elf.AsSpan(18), machine);
        return elf;
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
