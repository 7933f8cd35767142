using System.Diagnostics.CodeAnalysis;
using Vmi.Amd64;

namespace Vmi.Hooks;

/// <summary>
/// Breakpoints at symbols and addresses of a running VM, by whatever means its driver has. Their hits arrive as events of a handler loop
/// (<see cref="VmiSession{TOs}.Handle"/>): <see cref="TryGetHit"/> tells them apart from other events, <see cref="StepOver"/> is the
/// answer that lets the guest go on, <see cref="PassOver"/> that to an event which is no hit. Disposing of this removes them all; the
/// end of a handler loop does so too.
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed class Breakpoints : IDisposable
{
    private readonly IBreakpointMechanism _mechanism;
    private readonly Func<string, AddressContext> _resolve;
    private readonly Func<Va, AddressContext> _contextOf;
    private readonly Dictionary<Va, List<Breakpoint>> _byAddress = [];

    private Breakpoints(IBreakpointMechanism mechanism, Func<string, AddressContext> resolve, Func<Va, AddressContext> contextOf)
    {
        _mechanism = mechanism;
        _resolve = resolve;
        _contextOf = contextOf;
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Breakpoint> All => _byAddress.Values.SelectMany(each => each);

    /// <summary>The breakpoints of a session: none yet. Begins to deliver their hits.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has no breakpoints of any kind, or no events.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public static Breakpoints For<TOs>(VmiSession<TOs> session)
        where TOs : VmiOs
    {
        ArgumentNullException.ThrowIfNull(session);
        IBreakpointMechanism mechanism = session.Driver is INativeBreakpoints native
            ? new NativeMechanism(native)
            : ShadowFrames.For(session.Driver) is { } frames
            ? new ShadowMechanism(frames, address => session.TranslateAddress(address))
            : throw new VmiNotSupportedException("breakpoints", session.Driver.Name);
        session.MonitorEnable(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
        return new Breakpoints(mechanism, Resolve, ContextOf);

        AddressContext ContextOf(Va address) => session.UnderlyingOs.TranslationRoot(address, registers: null) is { } root
            ? new AddressContext(address, root)
            : throw new VmiNotSupportedException(
                $"a breakpoint at {address} without a root (it is no address of the kernel)", session.Driver.Name);

        AddressContext Resolve(string symbol) => session.UnderlyingOs.FindSymbol(symbol) is { } address
            ? ContextOf(address)
            : throw new VmiException($"The kernel has no symbol {symbol}.");
    }

    /// <summary>Sets a breakpoint at a symbol of the kernel.</summary>
    /// <exception cref="VmiException">There is no such symbol.</exception>
    /// <exception cref="VmiNotSupportedException">None can be set there now.</exception>
    public Breakpoint Insert(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return Insert(_resolve(symbol), symbol);
    }

    /// <summary>Sets a breakpoint at an address of the kernel.</summary>
    /// <exception cref="VmiNotSupportedException">None can be set there now, or it is an address of a process: say whose.</exception>
    public Breakpoint Insert(Va address) => Insert(_contextOf(address));

    /// <summary>Sets a breakpoint at an address below a root: of a process, <see cref="VmiProcess.TranslationRoot"/>.</summary>
    /// <param name="address">Where.</param>
    /// <param name="symbol">What is called so in messages; null for the address.</param>
    /// <exception cref="VmiNotSupportedException">None can be set there now.</exception>
    public Breakpoint Insert(AddressContext address, string? symbol = null)
    {
        var here = _byAddress.GetValueOrDefault(address.Va);
        if (here?.Find(each => each.Address == address) is { } existing)
            return existing;
        _mechanism.Insert(address);
        var breakpoint = new Breakpoint(address, symbol);
        if (here is null)
            _byAddress.Add(address.Va, [breakpoint]);
        else
            here.Add(breakpoint);
        return breakpoint;
    }

    /// <summary>Whether one of these breakpoints is at an address.</summary>
    internal bool IsSet(AddressContext address) =>
        _byAddress.GetValueOrDefault(address.Va)?.Exists(each => each.Address == address) is true;

    /// <summary>Removes a breakpoint.</summary>
    /// <returns>False if it is not here any more.</returns>
    public bool Remove(Breakpoint breakpoint)
    {
        ArgumentNullException.ThrowIfNull(breakpoint);
        if (!_byAddress.TryGetValue(breakpoint.Address.Va, out var here) || !here.Contains(breakpoint))
            return false;
        _mechanism.Remove(breakpoint.Address);
        here.Remove(breakpoint);
        if (here.Count == 0)
            _byAddress.Remove(breakpoint.Address.Va);
        return true;
    }

    /// <summary>Whether an event is the hit of one of these breakpoints.</summary>
    public bool IsHit<TOs>(VmiContext<TOs> vmi)
        where TOs : VmiOs => TryGetHit(vmi, out _);

    /// <summary>The breakpoint that an event is the hit of; false for any other event.</summary>
    public bool TryGetHit<TOs>(VmiContext<TOs> vmi, [NotNullWhen(true)] out Breakpoint? breakpoint)
        where TOs : VmiOs
    {
        ArgumentNullException.ThrowIfNull(vmi);
        breakpoint = null;
        if (!vmi.Event.Reason.IsSoftwareBreakpoint || !_byAddress.TryGetValue(vmi.Registers.InstructionPointer, out var here))
            return false;
        foreach (var each in here)
        {
            // Which root it was set below matters only where several were.
            if (_mechanism.IsHit(vmi.Event, each.Address) && (breakpoint is null || each.Address.Root == vmi.Registers.TranslationRoot))
                breakpoint = each;
        }

        return breakpoint is not null;
    }

    /// <summary>The answer to a hit: the instruction beneath the breakpoint is executed, and the guest goes on.</summary>
    public VmiEventResponse StepOver<TOs>(VmiContext<TOs> vmi)
        where TOs : VmiOs
    {
        ArgumentNullException.ThrowIfNull(vmi);
        return _mechanism.StepOver(vmi.Event);
    }

    /// <summary>The answer to an event that is no hit: what the breakpoints themselves have caused happens unseen; all goes on.</summary>
    public VmiEventResponse PassOver<TOs>(VmiContext<TOs> vmi)
        where TOs : VmiOs
    {
        ArgumentNullException.ThrowIfNull(vmi);
        return _mechanism.PassOver(vmi.Event);
    }

    /// <summary>Removes all of them, as far as the VM is still there.</summary>
    public void Dispose()
    {
        try
        {
            foreach (var breakpoint in All)
                _mechanism.Remove(breakpoint.Address);
            _mechanism.Leave();
        }
        catch (VmiDriverException)
        {
            // A VM that is gone has none.
        }
        _byAddress.Clear();
    }
}
