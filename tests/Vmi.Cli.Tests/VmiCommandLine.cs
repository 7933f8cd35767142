using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Vmi.Cli.Tests;

/// <summary>The real command as a process of its own.</summary>
internal sealed partial class VmiCommandLine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Task _reading;

    private VmiCommandLine(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadError);
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

    /// <summary>Waits until its error output has a text.</summary>
    public void WaitForError(string text)
    {
        Assert.True(SpinWait.SpinUntil(() => Error.Contains(text, StringComparison.Ordinal) || _reading.IsCompleted, Patience), text);
        Assert.Contains(text, Error);
    }

    /// <summary>Waits for the end, and gives what was not read yet.</summary>
    public CommandResult End()
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        Assert.True(_process.WaitForExit(Patience), "The command does not end.");
        return new CommandResult(_process.ExitCode, output.GetAwaiter().GetResult(), EndOfError());
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private string Error
    {
        get
        {
            lock (_error)
                return _error.ToString();
        }
    }

    private string EndOfError()
    {
        _reading.GetAwaiter().GetResult();
        return Error;
    }

    private void ReadError()
    {
        var buffer = new char[256];
        while (_process.StandardError.Read(buffer) is var length and > 0)
        {
            lock (_error)
                _error.Append(buffer, 0, length);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
