using System.Runtime.ExceptionServices;

namespace Vmi;

/// <summary>
/// Delivers events to a handler, and takes everything back whatever ends it. An event that the handler does not answer (because it
/// failed, or because it is done) is answered here, so that no vCPU is left waiting.
/// </summary>
internal sealed class HandlerLoop<TOs, TResult>(VmiSession<TOs> session, IVmiEvents events)
    where TOs : VmiOs
{
    private readonly ContextTable<TOs> _contexts = new(session);
    private VmiHandler<TOs, TResult>? _handler;
    private ExceptionDispatchInfo? _failure;
    private TResult? _result;
    private bool _hasResult;

    public VmiOutcome<TResult> Run(
        TimeSpan timeout, Func<VmiSession<TOs>, VmiHandler<TOs, TResult>> factory, CancellationToken cancellationToken)
    {
        var endedBy = VmiEnding.Result;
        try
        {
            _handler = factory(session);
            _hasResult = _handler.Poll(out _result);
            while (!_hasResult && _failure is null && !cancellationToken.IsCancellationRequested)
                WaitOnce(timeout, cancellationToken);
            if (!_hasResult && _failure is null)
            {
                endedBy = VmiEnding.Cancelled;
                _handler.HandleInterrupted(session);
                _hasResult = _handler.Poll(out _result);
            }
        }
        catch (Exception exception)
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }

        TearDown();
        _failure?.Throw();
        return new VmiOutcome<TResult>(_hasResult, _result, endedBy);
    }

    private void WaitOnce(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            if (events.WaitForEvent(timeout, Deliver, cancellationToken))
                return;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        _handler!.HandleTimeout(session);
        _hasResult = _handler.Poll(out _result);
    }

    private VmiEventResponse Deliver(VmiEvent vmiEvent)
    {
        if (_hasResult || _failure is not null)
            return Answer(vmiEvent);
        try
        {
            var response = session.HandleStill(_handler!, _contexts.For(vmiEvent));
            _hasResult = _handler!.Poll(out _result);
            return response;
        }
        catch (Exception exception)
        {
            // The vCPU must get its answer first; the loop rethrows this when the driver has put the answer into effect.
            _failure = ExceptionDispatchInfo.Capture(exception);
            return Answer(vmiEvent);
        }
    }

    /// <summary>
    /// The answer that leaves the guest as if nobody watched: an intercepted exception is delivered to it, also a breakpoint that still
    /// stands in its memory, which is then its own; at one of ours the instruction is tried again; a step ends.
    /// </summary>
    private VmiEventResponse Answer(VmiEvent vmiEvent)
    {
        if (!vmiEvent.Reason.IsSoftwareBreakpoint)
            return vmiEvent.Reason.IsIntercepted ? VmiEventResponse.ReinjectInterrupt : VmiEventResponse.Continue;
        var breakpoint = session.Driver.Architecture.BreakpointInstruction;
        Span<byte> code = stackalloc byte[breakpoint.Length];
        try
        {
            var context = _contexts.For(vmiEvent);
            var address = vmiEvent.Registers.InstructionPointer;
            if (context.Driver is INativeBreakpoints native && native.HasBreakpoint(context.AddressContext(address)))
                return VmiEventResponse.Continue;
            return context.TryRead(address, code, out _) && code.SequenceEqual(breakpoint)
                ? VmiEventResponse.ReinjectInterrupt
                : VmiEventResponse.Continue;
        }
        catch (Exception exception)
        {
            // As above: whatever failed, the vCPU gets its answer.
            _failure ??= ExceptionDispatchInfo.Capture(exception);
            return VmiEventResponse.Continue;
        }
    }

    private void TearDown()
    {
        Step(() =>
        {
            if (session.Supports<IVmiControl>())
                session.Pause();
        });
        Step(events.DisableAllMonitors);
        Step(() => _handler?.Cleanup(session));
        Step(events.RestoreMemory);
        // The driver may have taken breakpoints out of the memory just now: a copy of it from before would make them the guest's.
        session.Machine.ClearPages();
        Step(() => events.DrainEvents(Answer));
        Step(events.Detach);
        // Those of a handler that failed while it had the VM paused, too.
        for (var pauses = session.Machine.Pauses; pauses > 0; pauses--)
            Step(session.Resume);
        session.Machine.ClearPages();
    }

    /// <summary>No step of a teardown is left out because one before it failed; the first error is the one reported.</summary>
    private void Step(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }
}
