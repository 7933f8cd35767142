namespace Vmi;

/// <summary>A handler's answer to an event.</summary>
public readonly record struct VmiEventResponse
{
    private VmiEventResponse(VmiEventAction action, View? view = null)
    {
        Action = action;
        View = view;
    }

    /// <summary>The vCPU goes on.</summary>
    public static VmiEventResponse Continue => default;

    /// <summary>What it was about to do does not take place.</summary>
    public static VmiEventResponse Deny => new(VmiEventAction.Deny);

    /// <summary>The intercepted interrupt is delivered to the guest.</summary>
    public static VmiEventResponse ReinjectInterrupt => new(VmiEventAction.ReinjectInterrupt);

    /// <summary>One instruction, then a single-step event.</summary>
    public static VmiEventResponse Singlestep => new(VmiEventAction.Singlestep);

    /// <summary>The hypervisor carries the instruction out.</summary>
    public static VmiEventResponse Emulate => new(VmiEventAction.Emulate);

    /// <summary>What is to happen.</summary>
    public VmiEventAction Action { get; }

    /// <summary>The view to put the vCPU into (for <see cref="VmiEventAction.FastSinglestep"/>: for one instruction); null leaves it.</summary>
    public View? View { get; private init; }

    /// <summary>The registers to set before the vCPU goes on; null leaves them.</summary>
    public Registers? Registers { get; private init; }

    /// <summary>One instruction in <paramref name="view"/>, then on in the vCPU's own view without an event.</summary>
    public static VmiEventResponse FastSinglestep(View view) => new(VmiEventAction.FastSinglestep, view);

    /// <summary>The same answer, with the vCPU put into a view.</summary>
    public VmiEventResponse WithView(View view) => this with { View = view };

    /// <summary>The same answer, with the vCPU's registers set.</summary>
    public VmiEventResponse WithRegisters(Registers registers) => this with { Registers = registers };
}
