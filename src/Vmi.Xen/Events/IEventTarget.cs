using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>What the answers to events need of the domain beside the ring.</summary>
internal interface IEventTarget
{
    /// <summary>The domain's name, for messages.</summary>
    string Name { get; }

    /// <summary>Xen's record of a vCPU that stands still.</summary>
    HvmCpu ReadRecord(uint vcpu);

    /// <summary>One of the registers that are not in the record: CR8 or XCR0.</summary>
    ulong ReadOther(uint vcpu, Amd64RegisterGroups group);

    /// <summary>Writes the registers of a vCPU that differ.</summary>
    void WriteRegisters(uint vcpu, Amd64Registers registers);

    /// <summary>Lets the vCPU take an interrupt when it goes on.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="interrupt">The interrupt.</param>
    /// <param name="pending">For a debug exception: what caused it.</param>
    void Inject(uint vcpu, Amd64Interrupt interrupt, ulong pending);

    /// <summary>Sees to it that a single step ends with an event, or with the return from a fast one.</summary>
    void RequireSinglesteps();

    /// <summary>Sees to it that an instruction that Xen can't emulate raises an event instead of an exception in the guest.</summary>
    void RequireEmulation();

    /// <summary>Gives a frame of the default view all rights for a moment.</summary>
    /// <returns>The rights that it had.</returns>
    int Lift(ulong gfn);

    /// <summary>Ends <see cref="Lift"/>, unless the rights were given back meanwhile.</summary>
    void EndLift(ulong gfn, int access);

    /// <summary>Whether there is a view.</summary>
    bool HasView(View view);

    /// <summary>Whether kinds of events were asked for.</summary>
    bool IsWanted(VmEventKind kind);
}
