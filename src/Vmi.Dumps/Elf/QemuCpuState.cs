using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>Reads and writes `QEMUCPUState`, the note that QEMU writes for each vCPU (its target/i386/arch_dump.c, version 1).</summary>
internal static class QemuCpuState
{
    /// <summary>The structure's size in the versions of QEMU that write `kernel_gs_base`; those before have 8 bytes less.</summary>
    public const int Bytes = BytesWithoutKernelGsBase + 8;

    private const int BytesWithoutKernelGsBase = SegmentsOffset + (10 * SegmentBytes) + (5 * 8);
    private const int SegmentsOffset = 8 + (18 * 8);
    private const int SegmentBytes = 24;
    private const int GdtOffset = SegmentsOffset + (8 * SegmentBytes);
    private const int ControlOffset = SegmentsOffset + (10 * SegmentBytes);

    private static readonly Amd64Register[] General =
    [
        Amd64Register.Rax, Amd64Register.Rbx, Amd64Register.Rcx, Amd64Register.Rdx, Amd64Register.Rsi, Amd64Register.Rdi,
        Amd64Register.Rsp, Amd64Register.Rbp, Amd64Register.R8, Amd64Register.R9, Amd64Register.R10, Amd64Register.R11,
        Amd64Register.R12, Amd64Register.R13, Amd64Register.R14, Amd64Register.R15, Amd64Register.Rip, Amd64Register.Rflags,
    ];

    private static readonly Amd64Register[] Segments =
    [
        Amd64Register.Cs, Amd64Register.Ds, Amd64Register.Es, Amd64Register.Fs, Amd64Register.Gs, Amd64Register.Ss,
        Amd64Register.Ldtr, Amd64Register.Tr,
    ];

    /// <summary>Reads one note.</summary>
    /// <param name="state">The note's content, as far as known: at most <see cref="Bytes"/>.</param>
    /// <param name="length">The bytes that the note's content has in all.</param>
    /// <param name="vcpu">The vCPU's number, for the error.</param>
    /// <param name="path">The file, for the error.</param>
    /// <exception cref="VmiFormatException">It is of another version or size.</exception>
    public static Amd64Registers Parse(ReadOnlySpan<byte> state, long length, int vcpu, string path)
    {
        if (length < BytesWithoutKernelGsBase)
        {
            throw new VmiFormatException(
                $"{path} is corrupt: QEMU's CPU note for vCPU {vcpu} has {length} bytes, not {BytesWithoutKernelGsBase} or more.");
        }
        var version = BinaryPrimitives.ReadUInt32LittleEndian(state);
        if (version != 1)
            throw new VmiFormatException($"{path} has QEMU's CPU note version {version} for vCPU {vcpu}; Vmi reads version 1.");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(state[4..]);
        if (size != length)
            throw new VmiFormatException($"{path} is corrupt: QEMU's CPU note for vCPU {vcpu} says {size} bytes and has {length}.");

        var available = Amd64RegisterGroups.General | Amd64RegisterGroups.Segments | Amd64RegisterGroups.DescriptorTables
            | Amd64RegisterGroups.Control;
        if (length >= Bytes)
            available |= Amd64RegisterGroups.KernelGsBase;
        var registers = new Amd64Registers(available);

        for (var i = 0; i < General.Length; i++)
            registers[General[i]] = BinaryPrimitives.ReadUInt64LittleEndian(state[(8 + (i * 8))..]);
        for (var i = 0; i < Segments.Length; i++)
            registers.SetSegment(Segments[i], Segment(state[(SegmentsOffset + (i * SegmentBytes))..]));
        registers.Gdtr = Table(state[GdtOffset..]);
        registers.Idtr = Table(state[(GdtOffset + SegmentBytes)..]);

        // `cr[5]`; cr[1] does not exist.
        var control = state[ControlOffset..];
        registers[Amd64Register.Cr0] = BinaryPrimitives.ReadUInt64LittleEndian(control);
        registers[Amd64Register.Cr2] = BinaryPrimitives.ReadUInt64LittleEndian(control[16..]);
        registers[Amd64Register.Cr3] = BinaryPrimitives.ReadUInt64LittleEndian(control[24..]);
        registers[Amd64Register.Cr4] = BinaryPrimitives.ReadUInt64LittleEndian(control[32..]);
        if (length >= Bytes)
            registers[Amd64Register.KernelGsBase] = BinaryPrimitives.ReadUInt64LittleEndian(control[40..]);
        return registers;
    }

    /// <summary>The groups of registers that a note needs; KERNEL_GS_BASE may be lacking.</summary>
    public const Amd64RegisterGroups Needed = Amd64RegisterGroups.General | Amd64RegisterGroups.Segments
        | Amd64RegisterGroups.DescriptorTables | Amd64RegisterGroups.Control;

    /// <summary>Writes one note; without KERNEL_GS_BASE where that is lacking.</summary>
    /// <param name="registers">The registers, which have those of <see cref="Needed"/>.</param>
    public static byte[] Format(Amd64Registers registers)
    {
        var hasKernelGsBase = registers.Available.HasFlag(Amd64RegisterGroups.KernelGsBase);
        var state = new byte[hasKernelGsBase ? Bytes : BytesWithoutKernelGsBase];
        BinaryPrimitives.WriteUInt32LittleEndian(state, 1);
        BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(4), state.Length);
        for (var i = 0; i < General.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(8 + (i * 8)), registers[General[i]]);
        for (var i = 0; i < Segments.Length; i++)
        {
            var (selector, start, limit, access) = registers.GetSegment(Segments[i]);
            WriteSegment(state.AsSpan(SegmentsOffset + (i * SegmentBytes)), selector.Value, limit, (uint)access << 8, start);
        }

        WriteSegment(state.AsSpan(GdtOffset), 0, registers.Gdtr.Limit, 0, registers.Gdtr.Base.Value);
        WriteSegment(state.AsSpan(GdtOffset + SegmentBytes), 0, registers.Idtr.Limit, 0, registers.Idtr.Base.Value);
        var control = state.AsSpan(ControlOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(control, registers[Amd64Register.Cr0]);
        BinaryPrimitives.WriteUInt64LittleEndian(control[16..], registers.Cr2);
        BinaryPrimitives.WriteUInt64LittleEndian(control[24..], registers[Amd64Register.Cr3]);
        BinaryPrimitives.WriteUInt64LittleEndian(control[32..], registers[Amd64Register.Cr4]);
        if (hasKernelGsBase)
            BinaryPrimitives.WriteUInt64LittleEndian(control[40..], registers.KernelGsBase);
        return state;
    }

    private static void WriteSegment(Span<byte> segment, ushort selector, uint limit, uint flags, ulong start)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(segment, selector);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], limit);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[8..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], start);
    }

    /// <summary>`QEMUCPUSegment`: selector, limit, flags, padding (4 bytes each), base (8 bytes).</summary>
    private static SegmentDescriptor Segment(ReadOnlySpan<byte> segment) => new(
        new SegmentSelector((ushort)BinaryPrimitives.ReadUInt32LittleEndian(segment)),
        BinaryPrimitives.ReadUInt64LittleEndian(segment[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(segment[4..]),
        SegmentDescriptor.AccessOf(BinaryPrimitives.ReadUInt32LittleEndian(segment[8..])));

    private static DescriptorTableRegister Table(ReadOnlySpan<byte> segment) => new(
        new Va(BinaryPrimitives.ReadUInt64LittleEndian(segment[16..])), (ushort)BinaryPrimitives.ReadUInt32LittleEndian(segment[4..]));
}
