using Vmi;
using Vmi.Hooks;
using Vmi.Linux;

/// <summary>Says which programs are started, until it has seen as many as wanted.</summary>
internal sealed class ExecWatch(Breakpoints breakpoints, int wanted) : VmiHandler<LinuxOs, int>
{
    private int _seen;

    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        if (!breakpoints.IsHit(vmi))
            return breakpoints.PassOver(vmi);

        // The name may lie in a page that the guest has not brought in yet.
        var program = new Va(vmi.Os.SyscallArgument(0));
        var name = vmi.TryReadString(program, out var text, out _) ? text : $"what {program} points to";
        Console.WriteLine($"{vmi.Os.CurrentProcess().Name} runs {name}");
        _seen++;
        return breakpoints.StepOver(vmi);
    }

    public override bool Poll(out int result) => (result = _seen) == wanted;
}
