using System.Diagnostics.CodeAnalysis;
using Vmi.Amd64;

namespace Vmi.Hooks;

/// <summary>
/// Memory of a running VM that is watched, by whatever means its driver has. A touch arrives as an event of a handler loop
/// (<see cref="VmiSession{TOs}.Handle"/>) once its instruction has been executed: <see cref="TryGetTouch"/> tells it apart from other
/// events, <see cref="Resume"/> is the answer to each event, touch or not. Disposing of this watches nothing any more; the end of a
/// handler loop does so too.
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed class Watchpoints : IDisposable
{
    private const int MostLength = 8;

    private readonly IWatchpointMechanism _mechanism;

    private Watchpoints(IWatchpointMechanism mechanism) => _mechanism = mechanism;

    /// <summary>The watchpoints of a session: none yet.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't watch memory in any way, or has no events.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public static Watchpoints For<TOs>(VmiSession<TOs> session)
        where TOs : VmiOs
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Driver is INativeBreakpoints native)
            return new Watchpoints(new NativeWatchpoints(native));
        var frames = FrameWatchpoints.For(session.Driver, address => session.TranslateAddress(address))
            ?? throw new VmiNotSupportedException("watchpoints", session.Driver.Name);
        session.MonitorEnable(new Amd64Monitor.Singlestep());
        return new Watchpoints(frames);
    }

    /// <summary>Watches memory below a root.</summary>
    /// <param name="address">The first byte, at a multiple of <paramref name="length"/>.</param>
    /// <param name="length">1, 2, 4 or 8 bytes.</param>
    /// <param name="access"><see cref="MemoryAccess.Read"/>, <see cref="MemoryAccess.Write"/> or both.</param>
    /// <exception cref="ArgumentException">The range or the access is none of these.</exception>
    /// <exception cref="TranslationFaultException">Nothing is mapped there.</exception>
    /// <exception cref="VmiNotSupportedException">It can't be watched now.</exception>
    public Watchpoint Insert(AddressContext address, int length, MemoryAccess access)
    {
        if (length is not (1 or 2 or 4 or MostLength) || address.Va.Value % (ulong)length != 0)
            throw new ArgumentException($"{length} bytes at {address.Va} can't be watched: 1, 2, 4 or 8 at a multiple of that.");
        if (access == MemoryAccess.None || (access & ~MemoryAccess.ReadWrite) != 0)
            throw new ArgumentException($"{access} can't be watched: reads, writes or both.", nameof(access));
        var watchpoint = new Watchpoint(address, length, access);
        _mechanism.Insert(watchpoint);
        return watchpoint;
    }

    /// <summary>What was touched before an event, and whether it was read or written; false for an event that is no touch.</summary>
    public bool TryGetTouch<TOs>(VmiContext<TOs> vmi, [NotNullWhen(true)] out Watchpoint? watchpoint, out MemoryAccess access)
        where TOs : VmiOs
    {
        ArgumentNullException.ThrowIfNull(vmi);
        return _mechanism.TryGetTouch(vmi.Event, out watchpoint, out access);
    }

    /// <summary>The answer to an event, once it has been looked at: what the watchpoints have caused goes on unseen.</summary>
    public VmiEventResponse Resume<TOs>(VmiContext<TOs> vmi)
        where TOs : VmiOs
    {
        ArgumentNullException.ThrowIfNull(vmi);
        return _mechanism.Resume(vmi.Event);
    }

    /// <summary>Watches nothing any more, as far as the VM is still there.</summary>
    public void Dispose()
    {
        try
        {
            _mechanism.Leave();
        }
        catch (VmiDriverException)
        {
            // A VM that is gone is watched by nobody.
        }
    }
}
