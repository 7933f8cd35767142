using Vmi.Amd64;

namespace Vmi.Qemu;

/// <content>Interrupts and exceptions, delivered by doing to the vCPU's state what the CPU would do.</content>
internal sealed partial class DebugSession
{
    /// <summary>Injects an interrupt into a vCPU; with the VM held.</summary>
    /// <exception cref="VmiNotSupportedException">It can't be delivered now. Nothing was changed.</exception>
    public void Inject(VcpuId vcpu, Amd64Interrupt interrupt) => Inject(_vcpus[vcpu.Value], interrupt);

    private void Inject(DebugVcpu vcpu, Amd64Interrupt interrupt)
    {
        LoadRegisters(vcpu);
        var delivery = InterruptDelivery.Prepare(_memory, vcpu.Registers, interrupt, _target.Name);
        var isOtherCode = delivery.CodeSelector != vcpu.Registers.Cs.Selector.Value;
        if (isOtherCode && _map.CsSelector is null || delivery.StackSelector is not null && _map.SsSelector is null)
            throw new VmiNotSupportedException("loading CS and SS", _target.Name);

        Select(vcpu);
        var posted = 0;
        _client.Post($"M{delivery.StackPointer},{delivery.Frame.Length}:{(ReadOnlySpan<byte>)delivery.Frame}");
        posted++;
        if (isOtherCode)
            posted += ChangeSelector(_map.CsSelector!.Value, delivery.CodeSelector!.Value);
        if (delivery.StackSelector is { } stack)
            posted += ChangeSelector(_map.SsSelector!.Value, stack);
        Change(vcpu, Amd64Register.Rip, delivery.InstructionPointer);
        Change(vcpu, Amd64Register.Rsp, delivery.StackPointer);
        Change(vcpu, Amd64Register.Rflags, delivery.Flags);
        posted += 3;
        if (interrupt.Cr2 is { } address)
        {
            Change(vcpu, Amd64Register.Cr2, address.Value);
            posted++;
        }
        WriteChanges(vcpu, posted);
    }

    private int ChangeSelector(int number, ushort selector)
    {
        _client.Post($"P{number}={(ReadOnlySpan<byte>)[(byte)selector, (byte)(selector >> 8), 0, 0]}");
        return 1;
    }
}
