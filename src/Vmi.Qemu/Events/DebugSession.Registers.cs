using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Qemu;

/// <content>The registers of the vCPUs while the machine stands still.</content>
internal sealed partial class DebugSession
{
    private IReadOnlyList<Amd64Registers>? _ofMonitor;
    private PagingMode? _pagingMode;

    /// <summary>The registers of a vCPU as the stub and the monitor have them, valid until the VM runs; with the VM held.</summary>
    /// <exception cref="VmiDriverException">The VM, or the vCPU, is gone.</exception>
    public Amd64Registers RegistersOf(VcpuId vcpu) => LoadRegisters(_vcpus[vcpu.Value]);

    /// <summary>Writes the registers of a vCPU that differ; with the VM held.</summary>
    /// <exception cref="VmiNotSupportedException">One of them can't be written; none was.</exception>
    public void WriteRegisters(VcpuId vcpu, Amd64Registers wanted) => WriteRegisters(_vcpus[vcpu.Value], wanted);

    /// <summary>The registers of a vCPU as the monitor shows them: those that the stub lacks among them.</summary>
    /// <exception cref="VmiDriverException">The VM runs again: what its registers were is gone.</exception>
    public Amd64Registers OfMonitor(DebugVcpu vcpu)
    {
        if (_running)
            throw new VmiDriverException($"The registers of an event of {_target.Name} are asked for after its handler has returned.");
        _ofMonitor ??= RegisterText.Parse(_target.Monitor.Human("info registers -a"));
        return vcpu.Id.Value < _ofMonitor.Count
            ? _ofMonitor[vcpu.Id.Value]
            : throw new VmiDriverException($"{_target.Name} has no vCPU {vcpu.Id} any more.");
    }

    private Amd64Registers LoadRegisters(DebugVcpu vcpu)
    {
        if (vcpu.HasRegisters)
            return vcpu.Registers;
        Select(vcpu);
        _client.Post("g"u8);
        _map.Decode(_client.Receive(), vcpu.Values);
        ShowValues(vcpu);
        return vcpu.Registers;
    }

    private void ShowValues(DebugVcpu vcpu)
    {
        var registers = vcpu.Registers;
        registers.Renew(_map.Groups);
        foreach (var register in _map.Registers)
            registers[register.Register] = GdbRegisterMap.Value(register, vcpu.Values);
        vcpu.Rip = registers.Rip;
        vcpu.HasRegisters = true;
        // Never asked of the core: it would ask the driver for registers.
        if (_pagingMode != registers.PagingMode)
            _memory.PagingMode = (_pagingMode = registers.PagingMode).Value;
    }

    /// <summary>Nothing of a stop is known any more once a vCPU has run.</summary>
    private void ForgetRegisters()
    {
        _ofMonitor = null;
        foreach (var vcpu in _vcpus)
            vcpu.HasRegisters = false;
    }

    /// <summary>Asks for the instruction pointers of all vCPUs but one, in one exchange.</summary>
    private void ReadInstructionPointers(int except)
    {
        var rip = _map.Find(Amd64Register.Rip)!.Value;
        foreach (var vcpu in _vcpus)
        {
            if (vcpu.Thread == except || vcpu.IsGone || vcpu.HasRegisters)
                continue;
            _client.Post($"Hg{vcpu.Thread}");
            _client.Post($"p{rip.Number}");
        }
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        foreach (var vcpu in _vcpus)
        {
            if (vcpu.Thread == except || vcpu.IsGone || vcpu.HasRegisters)
                continue;
            vcpu.IsGone = !_client.Receive().SequenceEqual("OK"u8);
            var hex = _client.Receive();
            if (vcpu.IsGone)
                continue;
            _selected = vcpu.Thread;
            if (hex.Length != 2 * sizeof(ulong) || Convert.FromHexString(hex, value, out _, out _) != System.Buffers.OperationStatus.Done)
                throw new VmiDriverException("QEMU's gdbstub answers with another register than it described.");
            vcpu.Rip = BinaryPrimitives.ReadUInt64LittleEndian(value);
        }
    }

    private void WriteRegisters(DebugVcpu vcpu, Amd64Registers wanted)
    {
        LoadRegisters(vcpu);
        var changes = new List<(GdbRegister Register, ulong Value)>();
        foreach (var register in _map.Registers)
        {
            if ((wanted.Loaded & Amd64Registers.GroupOf(register.Register)) != 0
                && wanted[register.Register] != GdbRegisterMap.Value(register, vcpu.Values))
                changes.Add((register, wanted[register.Register]));
        }
        if ((wanted.Loaded & ~_map.Groups) != 0)
        {
            foreach (var register in OfMonitor(vcpu).Differences(wanted))
            {
                if (_map.Find(register) is null)
                    changes.Add(BaseAlone(vcpu, wanted, register)
                        ?? throw new VmiNotSupportedException($"writing {register.ToString().ToUpperInvariant()}", _target.Name));
            }
        }
        foreach (var (register, value) in changes)
            Change(vcpu, register, value);
        WriteChanges(vcpu, changes.Count);
    }

    /// <summary>Of the hidden parts of segments the stub can write two: the bases of FS and GS.</summary>
    private (GdbRegister Register, ulong Value)? BaseAlone(DebugVcpu vcpu, Amd64Registers wanted, Amd64Register register)
    {
        var ofBase = register switch
        {
            Amd64Register.Fs => _map.Find(Amd64Register.FsBase),
            Amd64Register.Gs => _map.Find(Amd64Register.GsBase),
            _ => null,
        };
        if (ofBase is not { } known)
            return null;
        var value = wanted.GetSegment(register).Base;
        return OfMonitor(vcpu).GetSegment(register) with { Base = value } == wanted.GetSegment(register) ? (known, value) : null;
    }

    /// <summary>Posts the write of a register.</summary>
    private void Change(DebugVcpu vcpu, GdbRegister register, ulong value)
    {
        Select(vcpu);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..register.Size].CopyTo(vcpu.Values.AsSpan(register.Offset));
        _client.Post($"P{register.Number}={(ReadOnlySpan<byte>)bytes[..register.Size]}");
    }

    private void Change(DebugVcpu vcpu, Amd64Register register, ulong value) => Change(vcpu, _map.Find(register)!.Value, value);

    /// <summary>Takes the answers to the writes posted.</summary>
    private void WriteChanges(DebugVcpu vcpu, int count)
    {
        if (count == 0)
            return;
        for (; count > 0; count--)
            _client.ReceiveOk("writing a register");
        _ofMonitor = null;
        var before = vcpu.Rip;
        ShowValues(vcpu);
        // Wherever it was moved to, a breakpoint there has not been met yet.
        vcpu.IsAnswered &= vcpu.Rip == before;
    }

    /// <summary>Carries out the instruction at a breakpoint without the CPU, if it is one of the simple ones.</summary>
    private bool TryEmulate(DebugVcpu vcpu)
    {
        // Above 4 GiB there is 64-bit code only; a guest that steps itself wants its exception.
        LoadRegisters(vcpu);
        if (vcpu.Rip >> 32 == 0 || vcpu.Registers.Rflags.Trap)
            return false;
        Span<byte> code = stackalloc byte[SimpleInstruction.MaxLength];
        if (!SimpleInstruction.TryDecode(code[..TryReadCode(vcpu, code)], out var instruction))
            return false;
        var value = instruction.Source is { } source ? vcpu.Registers[source] : 0;
        var changes = 1;
        if (instruction.IsPush)
        {
            var stack = vcpu.Registers.Rsp - sizeof(ulong);
            if (stack % sizeof(ulong) != 0 || !_memory.TryTranslate((new Va(stack), vcpu.Registers.TranslationRoot), out var page, out _)
                || !page.Writable || page.User != (vcpu.Rip >> 63 == 0))
                return false;
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            Select(vcpu);
            _client.Post($"M{stack},{sizeof(ulong)}:{(ReadOnlySpan<byte>)bytes}");
            Change(vcpu, Amd64Register.Rsp, stack);
            changes += 2;
        }
        else if (instruction.Target is { } target)
        {
            Change(vcpu, target, value);
            changes++;
        }
        Change(vcpu, Amd64Register.Rip, vcpu.Rip + (ulong)instruction.Length);
        WriteChanges(vcpu, changes);
        return true;
    }

    private int TryReadCode(DebugVcpu vcpu, Span<byte> code)
    {
        if (_memory.TryRead((new Va(vcpu.Rip), vcpu.Registers.TranslationRoot), code, out var fault))
            return code.Length;
        return (int)Math.Clamp(fault.Address - vcpu.Rip, 0, (ulong)code.Length - 1);
    }
}
