using System.Runtime.InteropServices;
using Vmi.Targets;

namespace Vmi.Cli;

/// <summary>
/// Ends the command on SIGINT, SIGTERM, SIGHUP and SIGQUIT: first the VM is let go, so that it does not stay paused, then the process
/// ends with <see cref="ExitCode.Interrupted"/>. A command that follows events is asked to end itself, once; the next signal ends it.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly Lock _ending = new();
    private readonly PosixSignalRegistration[] _registrations;
    private CancellationTokenSource? _asking;
    private VmiTarget? _target;
    private bool _happened;

    public Interruption() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
            .Select(signal => PosixSignalRegistration.Create(signal, End)),
    ];

    /// <summary>Whether the command was asked to end itself.</summary>
    public bool IsAsked => Volatile.Read(ref _asking)?.IsCancellationRequested == true;

    /// <summary>From now on a signal cancels this token, and the command ends itself.</summary>
    public CancellationToken Ask()
    {
        lock (_ending)
            return (_asking ??= new CancellationTokenSource()).Token;
    }

    /// <summary>Remembers what to let go.</summary>
    public VmiTarget Watch(VmiTarget target)
    {
        lock (_ending)
            _target = target;
        return target;
    }

    /// <summary>
    /// Once a signal came, what goes wrong on the command's own thread goes wrong because the VM was let go under it: it waits for the
    /// end of the process without a word.
    /// </summary>
    public void ThrowAwayIfHappened()
    {
        if (Volatile.Read(ref _happened))
            Thread.Sleep(Timeout.Infinite);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _asking?.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_ending)
        {
            if (_happened)
                return;
            if (_asking is { IsCancellationRequested: false } asking)
            {
                asking.Cancel();
                return;
            }
            _happened = true;
            try
            {
                _target?.Dispose();
            }
            finally
            {
                Environment.Exit(ExitCode.Interrupted);
            }
        }
    }
}
