using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Vmi.Guests;

/// <summary>One QEMU with its directory. It never outlives this process, nor does its directory if this process ends in order.</summary>
internal sealed class QemuProcess : IDisposable
{
    private static readonly ConcurrentDictionary<QemuProcess, bool> Live = new();
    private readonly StringBuilder _errors = new();
    private readonly Process _process;
    private int _disposed;

    static QemuProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (QemuProcess qemu in Live.Keys)
            qemu.Dispose();
    };

    public QemuProcess(string directory, IEnumerable<string> arguments)
    {
        Directory = directory;
        try
        {
            _process = Spawner.Start("qemu-system-x86_64", arguments);
        }
        catch (Win32Exception exception)
        {
            GuestDirectory.Remove(directory);
            throw new GuestException($"QEMU can't be started: {exception.Message}");
        }
        Live[this] = true;
        _process.ErrorDataReceived += (_, line) => AddError(line.Data);
        _process.BeginErrorReadLine();
    }

    public string Directory { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What QEMU said on standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        Live.TryRemove(this, out _);
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        GuestDirectory.Remove(Directory);
    }

    private void AddError(string? line)
    {
        lock (_errors)
            _errors.AppendLine(line);
    }
}
