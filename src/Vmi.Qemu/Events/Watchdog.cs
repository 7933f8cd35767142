using System.ComponentModel;
using System.Diagnostics;

namespace Vmi.Qemu;

/// <summary>
/// The watched side of a watchdog process: as long as this lives its input is open; it ends in peace when told so, and acts when the
/// input ends without that.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Process _process;

    private Watchdog(Process process) => _process = process;

    /// <summary>Starts one; null if none is wanted.</summary>
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

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Write(QemuDriver.WatchdogFarewell);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }
        _process.Dispose();
    }
}
