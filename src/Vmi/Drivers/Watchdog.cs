using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vmi;

/// <summary>
/// A process that undoes what this one has set up in a VM, should this one be killed. Here is the watched side: as long as this lives the
/// watchdog's input is open; it ends in peace when told so, and acts when the input ends without that.
/// </summary>
internal sealed partial class Watchdog : IDisposable
{
    private const string Farewell = "done\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;

    private Watchdog(Process process) => _process = process;

    /// <summary>Starts one; null if none is wanted.</summary>
    /// <param name="command">The program and its first arguments; null for none.</param>
    /// <param name="target">Its last argument: the VM.</param>
    /// <exception cref="VmiDriverException">It can't be started.</exception>
    public static Watchdog? Start(IReadOnlyList<string>? command, string target)
    {
        if (command is not { Count: > 0 })
            return null;
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), target])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new Watchdog(Process.Start(start)!);
        }
        catch (Win32Exception error)
        {
            throw new VmiDriverException($"The watchdog {command[0]} can't be started: {error.Message}.", error);
        }
    }

    /// <summary>The other side: waits until the input ends, and unless the watched process took leave there, undoes.</summary>
    /// <param name="input">The input.</param>
    /// <param name="undo">Undoes; tried again for a while if it fails, since what that process held may take a moment to be free.</param>
    /// <exception cref="VmiDriverException">It failed to the end.</exception>
    public static void Watch(TextReader input, Action undo)
    {
        ArgumentNullException.ThrowIfNull(input);
        // A session of its own: what is sent to the watched process and all its children does not reach this one.
        _ = setsid();
        // A Ctrl-C, or the end of the terminal, is for the process that is watched.
        void Ignore(PosixSignalContext context) => context.Cancel = true;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ignore);
        if (input.ReadToEnd() == Farewell)
            return;
        for (var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds; ;)
        {
            try
            {
                undo();
                return;
            }
            catch (VmiDriverException) when (Environment.TickCount64 < deadline)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    /// <summary>Tells it that there is nothing left to undo.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Write(Farewell);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }
        _process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int setsid();
}
