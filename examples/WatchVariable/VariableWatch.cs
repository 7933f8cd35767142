using Vmi;
using Vmi.Amd64;
using Vmi.Linux;

/// <summary>Says who writes 8 bytes of memory, until it has seen as many writes as wanted.</summary>
internal sealed class VariableWatch(AddressContext variable, int wanted) : VmiHandler<LinuxOs, int>
{
    private int _seen;

    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        if (vmi.Event.Reason is not Amd64EventReason.MemoryAccess { Va: { } address } || address != variable.Va)
            return VmiEventResponse.Continue;

        // The write is done: the value is the new one, and the vCPU is behind the instruction.
        var where = vmi.Registers.InstructionPointer;
        var symbol = vmi.Os.Kernel.Profile.Resolve(where)?.ToString() ?? where.ToString();
        Console.WriteLine($"0x{vmi.ReadUInt64(variable):x} by {vmi.Os.CurrentThread().Name} before {symbol}");
        _seen++;
        return VmiEventResponse.Continue;
    }

    public override bool Poll(out int result) => (result = _seen) == wanted;
}
