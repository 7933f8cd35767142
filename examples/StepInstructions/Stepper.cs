using Vmi;
using Vmi.Hooks;
using Vmi.Linux;

/// <summary>From the first hit of a breakpoint on, executes one instruction after the other, and says where each is.</summary>
internal sealed class Stepper(Breakpoints breakpoints, int wanted) : VmiHandler<LinuxOs, int>
{
    private int _seen;

    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        // Of all vCPUs, the one that came there first.
        bool isFirst = _seen == 0 && breakpoints.IsHit(vmi);
        if (!isFirst && !vmi.Event.Reason.IsSinglestep)
            return breakpoints.StepOver(vmi);

        var address = vmi.Registers.InstructionPointer;
        Console.WriteLine($"{address}  {vmi.Os.Kernel.Profile.Resolve(address)}");
        _seen++;
        return _seen == wanted ? VmiEventResponse.Continue : VmiEventResponse.Singlestep;
    }

    public override bool Poll(out int result) => (result = _seen) == wanted;
}
