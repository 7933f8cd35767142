using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>A vCPU as the stub shows it, with the buffers that its events use again and again.</summary>
internal sealed class DebugVcpu : IAmd64RegisterSource
{
    private readonly DebugSession _session;

    public DebugVcpu(DebugSession session, VcpuId id, int thread, Amd64RegisterGroups groups, int registerBytes)
    {
        _session = session;
        Id = id;
        Thread = thread;
        Values = new byte[registerBytes];
        SteppedFrom = new byte[registerBytes];
        Registers = new Amd64Registers(groups, this);
        Event = new VmiEvent(id, Registers, new Amd64EventReason.Singlestep(null)) { Flags = VmiEventFlags.VcpuPaused };
    }

    public VcpuId Id { get; }

    /// <summary>The stub's number of it.</summary>
    public int Thread { get; }

    /// <summary>The registers as the stub sent them, whatever a handler did to <see cref="Registers"/>.</summary>
    public byte[] Values { get; }

    public Amd64Registers Registers { get; }

    public VmiEvent Event { get; }

    /// <summary>Whether <see cref="Registers"/> are of this stop.</summary>
    public bool HasRegisters { get; set; }

    /// <summary>The instruction pointer at this stop.</summary>
    public ulong Rip { get; set; }

    /// <summary>Whether it stands at a breakpoint that was delivered, or passed over: the instruction there is to be executed.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether the answer to its event asked for a step.</summary>
    public bool StepWanted { get; set; }

    /// <summary>Whether it was set going for the step that was asked for.</summary>
    public bool IsStepping { get; set; }

    /// <summary><see cref="Values"/> as they were when it was set going for a step.</summary>
    public byte[] SteppedFrom { get; }

    /// <summary>How many of its steps, one after the other, have executed nothing.</summary>
    public int IdleSteps { get; set; }

    /// <summary>
    /// Whether QEMU still has it in single-step mode though its step is over: it ends that mode at a stop of the vCPU that the stub names
    /// then, and of no other.
    /// </summary>
    public bool HasStaleStep { get; set; }

    /// <summary>The address at which it is to be stepped when it comes there: it waits (HLT), and so does its step.</summary>
    public ulong? WaitsAt { get; set; }

    /// <summary>Whether the VM has it no more.</summary>
    public bool IsGone { get; set; }

    /// <summary>Fetches what the stub does not carry.</summary>
    public void Fetch(Amd64Registers registers, Amd64RegisterGroups group) => registers.CopyFrom(_session.OfMonitor(this), group);
}
