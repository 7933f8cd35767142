using System.Diagnostics;

namespace Vmi.Cli.Tests;

/// <summary>bash with the script of `vmi completion bash` sourced, asked as it asks itself.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmi-completion-");

    public CompletionTests() => File.WriteAllText(Path.Combine(_folder.FullName, "memory.elf"), "");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Bash_completes_commands_options_values_and_files()
    {
        (string Line, string[] Expected)[] cases =
        [
            ("vmi sy", ["syscalls", "sym"]),
            ("vmi trace m", ["modules"]),
            ("vmi ps mem", ["memory.elf"]),
            ("vmi ps memory.elf --tr", ["--tree"]),
            ("vmi ps --tree memory.elf --tr", []),
            ("vmi ps memory.elf mem", []),
            ("vmi strings memory.elf --encoding ", ["ascii", "utf16"]),
            ("vmi strings memory.elf --encoding u", ["utf16"]),
            ("vmi strings memory.elf --encoding=u", ["utf16"]),
            ("vmi ps --profile mem", ["memory.elf"]),
            ("vmi ps memory.elf --time-limit n", ["none"]),
            ("vmi completion ", ["bash", "fish", "zsh"]),
            ("vmi wa", ["watch"]),
        ];
        var asked = string.Concat(cases.Select(each =>
            $"COMP_LINE='{each.Line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=($COMP_LINE); _vmi '{VmiCommandLine.Built}'; "
            + "echo \"${COMPREPLY[*]}\"\n"));
        var answers = Bash($"source <('{VmiCommandLine.Built}' completion bash)\n{asked}").TrimEnd('\n').Split('\n');
        Assert.Equal(
            cases.Select(each => (each.Line, string.Join(' ', each.Expected))),
            cases.Zip(answers, (each, answer) => (each.Line, answer)));
    }

    [Fact]
    public void Bash_knows_what_to_ask_for_vmi() =>
        Assert.Contains("-F _vmi vmi", Bash($"source <('{VmiCommandLine.Built}' completion bash); complete -p vmi"));

    [Theory]
    [InlineData("zsh", "compdef _vmi vmi")]
    [InlineData("fish", "complete -c vmi")]
    public void Other_shells_have_scripts_that_register_vmi(string shell, string expected) =>
        Assert.Contains(expected, VmiCommandLine.Run("completion", shell).Output);

    private string Bash(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", script])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
