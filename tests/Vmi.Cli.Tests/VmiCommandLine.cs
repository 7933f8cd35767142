using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vmi.Cli.Tests;

/// <summary>The real command as a process of its own.</summary>
internal sealed partial class VmiCommandLine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _error;

    private VmiCommandLine(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The command as it is built: its folder lies beside that of the tests.</summary>
    public static string Built { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Vmi.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Vmi.Cli"));

    /// <summary>The native command that eng/publish-cli.sh makes; it may not be there.</summary>
    public static string Published { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "vmi"));

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>The standard output, for who reads it before the end.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    public static CommandResult Run(params string[] arguments) => RunProgram(Built, arguments);

    public static CommandResult RunProgram(string program, params string[] arguments)
    {
        using var command = Start(program, arguments);
        return command.End();
    }

    public static VmiCommandLine Start(string program, params string[] arguments) => new(Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    /// <summary>Sends a signal by its number.</summary>
    public void Signal(int signal) => Assert.Equal(0, Kill(Pid, signal));

    /// <summary>Waits for the end, and gives what was not read yet.</summary>
    public CommandResult End()
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        Assert.True(_process.WaitForExit(Patience), "The command does not end.");
        return new CommandResult(_process.ExitCode, output.GetAwaiter().GetResult(), _error.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
