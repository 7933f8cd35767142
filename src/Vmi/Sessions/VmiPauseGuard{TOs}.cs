namespace Vmi;

/// <summary>Keeps the VM paused until it is disposed of, with the registers of vCPU 0 at that moment.</summary>
/// <typeparam name="TOs">The operating system.</typeparam>
public sealed class VmiPauseGuard<TOs> : VmiPauseGuard
    where TOs : VmiOs
{
    internal VmiPauseGuard(VmiSession<TOs> session)
        : base(session)
    {
        try
        {
            State = session.WithRegisters(session.Supports<IVmiQueryRegisters>() ? session.GetRegisters(default) : null);
        }
        catch
        {
            Dispose();
            throw;
        }

        Session = session;
    }

    /// <summary>The session.</summary>
    public VmiSession<TOs> Session { get; }

    /// <summary>The registers of vCPU 0.</summary>
    /// <exception cref="VmiNotSupportedException">The source has none.</exception>
    public Registers Registers => State.Registers;

    /// <summary>The session seen through them; also on a source without registers, where it still knows the kernel's memory.</summary>
    public VmiState<TOs> State { get; }
}
