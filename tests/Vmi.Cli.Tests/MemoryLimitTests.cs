namespace Vmi.Cli.Tests;

/// <summary>What a command may take of the host's memory. A lower limit than the command's own is set by .NET's variable for it.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private const string Limit = "DOTNET_GCHeapHardLimit";

    private readonly string _file = Path.GetTempFileName();

    public MemoryLimitTests()
    {
        using var file = File.OpenWrite(_file);
        file.SetLength(64 << 20);
    }

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_command_as_it_is_built_has_the_limit_that_the_documents_state() => Assert.Contains(
        "\"System.GC.HeapHardLimit\": \"2147483648\"", File.ReadAllText(VmiCommandLine.Built + ".runtimeconfig.json"));

    [Fact]
    public void One_that_needs_more_ends_with_one_line_and_exit_code_1()
    {
        // A million matches, each an object of the answer.
        var (exitCode, output, error) = Run("2000000", "search", $"raw:{_file}", "00 ?0", "--hex", "--json");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("vmi: this takes more memory than a command may take", error);
        Assert.Equal(error.Length - 1, error.IndexOf('\n'));
    }

    [Fact]
    public void Strings_takes_no_more_memory_for_a_million_texts()
    {
        using (var file = File.OpenWrite(_file))
        {
            var block = new byte[1 << 20];
            for (var at = 0; at < block.Length; at += 16)
                "a text of 14!!"u8.CopyTo(block.AsSpan(at));
            for (var i = 0; i < 16; i++)
                file.Write(block);
        }

        var (exitCode, output, error) = Run("1800000", "strings", $"raw:{_file}");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(1 + (16 << 16), output.AsSpan().Count('\n'));
    }

    private static CommandResult Run(string limit, params string[] arguments) =>
        VmiCommandLine.RunProgram("env", [$"{Limit}={limit}", VmiCommandLine.Built, .. arguments]);
}
