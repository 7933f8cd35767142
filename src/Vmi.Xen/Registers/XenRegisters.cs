using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>The registers of a domain's vCPUs.</summary>
/// <param name="domain">The domain.</param>
internal sealed unsafe class XenRegisters(XenDomain domain)
{
    /// <summary>What a domain's vCPU has: all but the registers of SSE, which Xen saves and Vmi does not read.</summary>
    public const Amd64RegisterGroups Groups = Amd64RegisterGroups.All & ~Amd64RegisterGroups.Sse;

    // The state of XSAVE, with its registers, which are not used: beyond 8 KiB with AMX.
    private const int XsaveBytes = 32 << 10;
    private const int LapicBytes = 4096;

    /// <summary>All registers of a vCPU at one moment.</summary>
    public Amd64Registers Read(uint vcpu)
    {
        domain.Pause();
        try
        {
            var registers = new Amd64Registers(Groups);
            registers.Renew(Groups);
            RegisterRecord.Fill(registers, ReadRecord(vcpu), RegisterRecord.Groups);
            registers.Xcr0 = ReadXcr0(vcpu);
            registers.Cr8 = ReadCr8(vcpu);
            return registers;
        }
        finally
        {
            domain.Unpause();
        }
    }

    public HvmCpu ReadRecord(uint vcpu)
    {
        HvmCpu cpu;
        domain.ReadState(HvmCpu.TypeCode, vcpu, new Span<byte>(&cpu, sizeof(HvmCpu)));
        return cpu;
    }

    public ulong ReadXcr0(uint vcpu)
    {
        var state = new byte[XsaveBytes];
        domain.ReadState(HvmSave.Xsave, vcpu, state);
        return BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(HvmSave.Xcr0Offset));
    }

    public ulong ReadCr8(uint vcpu)
    {
        var page = new byte[LapicBytes];
        domain.ReadState(HvmSave.LapicRegisters, vcpu, page);
        return (ulong)page[HvmSave.TaskPriorityOffset] >> 4;
    }

    /// <summary>Writes the registers that differ.</summary>
    /// <exception cref="VmiNotSupportedException">CR8 or XCR0 differ; nothing was written.</exception>
    public void Write(uint vcpu, Amd64Registers wanted)
    {
        domain.Pause();
        try
        {
            var now = new Amd64Registers(Groups);
            now.Renew(Groups);
            var record = ReadRecord(vcpu);
            RegisterRecord.Fill(now, record, RegisterRecord.Groups);
            if ((wanted.Loaded & Amd64RegisterGroups.Xcr0) != 0)
                now.Xcr0 = ReadXcr0(vcpu);
            if ((wanted.Loaded & Amd64RegisterGroups.Cr8) != 0)
                now.Cr8 = ReadCr8(vcpu);
            var changed = false;
            // The bases of FS and GS by themselves come after the segments that hold them too.
            foreach (var register in now.Differences(wanted))
            {
                if (!RegisterRecord.Apply(ref record, wanted, register))
                    throw new VmiNotSupportedException($"writing {register}", domain.Name);
                changed = true;
            }

            if (changed)
                domain.WriteState(StateWith(vcpu, record));
        }
        finally
        {
            domain.Unpause();
        }
    }

    /// <summary>The machine's own header, then the one record, then the end: what Xen takes as a state to load.</summary>
    private byte[] StateWith(uint vcpu, in HvmCpu record)
    {
        var whole = domain.ReadWholeState();
        var header = HeaderBytes(whole);
        var state = new byte[header + HvmSave.DescriptorBytes + sizeof(HvmCpu) + HvmSave.DescriptorBytes];
        whole.AsSpan(0, header).CopyTo(state);
        var at = state.AsSpan(header);
        BinaryPrimitives.WriteUInt16LittleEndian(at, HvmCpu.TypeCode);
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], (ushort)vcpu);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], (uint)sizeof(HvmCpu));
        MemoryMarshal.Write(at[HvmSave.DescriptorBytes..], record);
        // What is left is the descriptor of the end: type, instance and length are 0.
        return state;
    }

    private int HeaderBytes(ReadOnlySpan<byte> state)
    {
        if (state.Length < HvmSave.DescriptorBytes || BinaryPrimitives.ReadUInt16LittleEndian(state) != HvmSave.Header)
            throw new VmiDriverException($"{domain.Name}: Xen's saved state does not begin with its header.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(state[4..]);
        return length <= state.Length - HvmSave.DescriptorBytes
            ? HvmSave.DescriptorBytes + (int)length
            : throw new VmiDriverException($"{domain.Name}: the header of Xen's saved state is longer than the state.");
    }
}
