using Vmi;
using Vmi.Hooks;
using Vmi.Linux;

/// <summary>Says who writes 8 bytes of memory, until it has seen as many writes as wanted.</summary>
internal sealed class VariableWatch(AddressContext variable, Watchpoints watchpoints, int wanted) : VmiHandler<LinuxOs, int>
{
    private int _seen;

    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        if (!watchpoints.TryGetTouch(vmi, out _, out _))
            return watchpoints.Resume(vmi);

        // The write is done: the value is the new one, and the vCPU is behind the instruction.
        var where = vmi.Registers.InstructionPointer;
        var symbol = vmi.Os.Kernel.Profile.Resolve(where)?.ToString() ?? where.ToString();
        Console.WriteLine($"0x{vmi.ReadUInt64(variable):x} by {vmi.Os.CurrentThread().Name} before {symbol}");
        _seen++;
        return watchpoints.Resume(vmi);
    }

    public override bool Poll(out int result) => (result = _seen) == wanted;
}
