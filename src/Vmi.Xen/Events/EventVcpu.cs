using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>A vCPU that has raised events: the objects that are used for each of them, and whether it steps.</summary>
internal sealed class EventVcpu : IAmd64RegisterSource
{
    /// <summary>The groups that an event carries whole.</summary>
    private const Amd64RegisterGroups Carried = Amd64RegisterGroups.General | Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer
        | Amd64RegisterGroups.KernelGsBase | Amd64RegisterGroups.SegmentBases | Amd64RegisterGroups.Sysenter;

    private readonly IEventTarget _target;
    private readonly uint _id;
    private HvmCpu _record;
    private bool _hasRecord;

    public EventVcpu(IEventTarget target, uint id)
    {
        _target = target;
        _id = id;
        Registers = new Amd64Registers(XenRegisters.Groups, this);
        Event = new VmiEvent(new VcpuId((ushort)id), Registers, NoReason);
    }

    /// <summary>The event that is handed out, each time anew.</summary>
    public VmiEvent Event { get; }

    /// <summary>Its registers.</summary>
    public Amd64Registers Registers { get; }

    /// <summary>Whether Xen stops the vCPU after each instruction.</summary>
    public bool Steps { get; set; }

    /// <summary>The frame whose touch Xen was last asked to emulate.</summary>
    public ulong Emulated { get; set; }

    /// <summary>The frame that has all rights until the step ends, and those that it had; null if none.</summary>
    public (ulong Gfn, int Access)? Lifted { get; set; }

    private static Amd64EventReason NoReason { get; } = new Amd64EventReason.Singlestep(null);

    /// <summary>Makes the event that of a request.</summary>
    public VmiEvent Renew(in VmEvent request, Amd64EventReason reason)
    {
        _hasRecord = false;
        Fill(Registers, request.Registers);
        Event.Registers = Registers;
        Event.Reason = reason;
        Event.View = (request.Flags & VmEventBits.AlternateP2m) != 0 ? new View(request.View) : View.Default;
        Event.Flags = (request.Flags & VmEventBits.VcpuPaused) != 0 ? VmiEventFlags.VcpuPaused : VmiEventFlags.None;
        return Event;
    }

    /// <summary>The registers as they were at the request, also where a handler has changed them since.</summary>
    public Amd64Registers Original(in VmEvent request)
    {
        var original = new Amd64Registers(XenRegisters.Groups, this);
        Fill(original, request.Registers);
        return original;
    }

    /// <inheritdoc/>
    public void Fetch(Amd64Registers registers, Amd64RegisterGroups group)
    {
        switch (group)
        {
            case Amd64RegisterGroups.Xcr0:
                registers.Xcr0 = _target.ReadOther(_id, group);
                return;
            case Amd64RegisterGroups.Cr8:
                registers.Cr8 = _target.ReadOther(_id, group);
                return;
        }

        if (!_hasRecord)
        {
            _record = _target.ReadRecord(_id);
            _hasRecord = true;
        }

        var missing = RegisterRecord.Groups & ~registers.Loaded;
        registers.Renew(registers.Loaded | missing);
        RegisterRecord.Fill(registers, _record, missing);
    }

    private static void Fill(Amd64Registers registers, in VmEventRegisters values)
    {
        registers.Renew(Carried);
        registers.Rax = values.Rax;
        registers.Rcx = values.Rcx;
        registers.Rdx = values.Rdx;
        registers.Rbx = values.Rbx;
        registers.Rsp = values.Rsp;
        registers.Rbp = values.Rbp;
        registers.Rsi = values.Rsi;
        registers.Rdi = values.Rdi;
        registers.R8 = values.R8;
        registers.R9 = values.R9;
        registers.R10 = values.R10;
        registers.R11 = values.R11;
        registers.R12 = values.R12;
        registers.R13 = values.R13;
        registers.R14 = values.R14;
        registers.R15 = values.R15;
        registers.Rip = values.Rip;
        registers[Amd64Register.Rflags] = values.Rflags;
        registers[Amd64Register.Cr0] = values.Cr0;
        registers[Amd64Register.Cr2] = values.Cr2;
        registers[Amd64Register.Cr3] = values.Cr3;
        registers[Amd64Register.Cr4] = values.Cr4;
        registers[Amd64Register.Efer] = values.MsrEfer;
        registers[Amd64Register.KernelGsBase] = values.ShadowGs;
        registers[Amd64Register.FsBase] = values.FsBase;
        registers[Amd64Register.GsBase] = values.GsBase;
        registers[Amd64Register.SysenterCs] = values.SysenterCs;
        registers[Amd64Register.SysenterEsp] = values.SysenterEsp;
        registers[Amd64Register.SysenterEip] = values.SysenterEip;
    }
}
