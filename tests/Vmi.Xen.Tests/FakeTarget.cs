using Vmi.Amd64;

namespace Vmi.Xen.Tests;

/// <summary>A domain for the answers to events: notes what they ask of it.</summary>
internal sealed class FakeTarget : IEventTarget
{
    public string Name => "Xen domain 7 (test)";

    public List<string> Calls { get; } = [];

    public HashSet<VmEventKind> Wanted { get; } = [VmEventKind.MemoryAccess];

    public HvmCpu Record { get; set; }

    public HvmCpu ReadRecord(uint vcpu)
    {
        Calls.Add($"record {vcpu}");
        return Record;
    }

    public ulong ReadOther(uint vcpu, Amd64RegisterGroups group)
    {
        Calls.Add($"{group} {vcpu}");
        return 7;
    }

    public void WriteRegisters(uint vcpu, Amd64Registers registers) => Calls.Add($"write {vcpu}");

    public void Inject(uint vcpu, Amd64Interrupt interrupt, ulong pending) => Calls.Add($"inject {vcpu} {interrupt.Vector} {pending}");

    public void RequireSinglesteps() => Calls.Add("steps");

    public void RequireEmulation() => Calls.Add("emulation");

    public int Lift(ulong gfn)
    {
        Calls.Add($"lift {gfn}");
        return (int)MemoryAccess.Read;
    }

    public void EndLift(ulong gfn, int access) => Calls.Add($"unlift {gfn} {access}");

    public bool HasView(View view) => view.Value < 3;

    public bool IsWanted(VmEventKind kind) => Wanted.Contains(kind);
}
