using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// The registers of a vCPU in a migration stream, found by the names that the stream's description has for the fields of QEMU's
/// `vmstate_x86_cpu` and `vmstate_apic_common` (target/i386/machine.c, hw/intc/apic_common.c).
/// </summary>
internal static class MigrationCpu
{
    private const int MostFields = 1024;

    private static readonly (Amd64Register Register, string Field)[] Numbers =
    [
        (Amd64Register.Rax, "env.regs[0]"), (Amd64Register.Rcx, "env.regs[1]"), (Amd64Register.Rdx, "env.regs[2]"),
        (Amd64Register.Rbx, "env.regs[3]"), (Amd64Register.Rsp, "env.regs[4]"), (Amd64Register.Rbp, "env.regs[5]"),
        (Amd64Register.Rsi, "env.regs[6]"), (Amd64Register.Rdi, "env.regs[7]"), (Amd64Register.R8, "env.regs[8]"),
        (Amd64Register.R9, "env.regs[9]"), (Amd64Register.R10, "env.regs[10]"), (Amd64Register.R11, "env.regs[11]"),
        (Amd64Register.R12, "env.regs[12]"), (Amd64Register.R13, "env.regs[13]"), (Amd64Register.R14, "env.regs[14]"),
        (Amd64Register.R15, "env.regs[15]"), (Amd64Register.Rip, "env.eip"), (Amd64Register.Rflags, "env.eflags"),
        (Amd64Register.Cr0, "env.cr[0]"), (Amd64Register.Cr2, "env.cr[2]"), (Amd64Register.Cr3, "env.cr[3]"),
        (Amd64Register.Cr4, "env.cr[4]"), (Amd64Register.Xcr0, "env.xcr0"), (Amd64Register.Dr0, "env.dr[0]"),
        (Amd64Register.Dr1, "env.dr[1]"), (Amd64Register.Dr2, "env.dr[2]"), (Amd64Register.Dr3, "env.dr[3]"),
        (Amd64Register.Dr6, "env.dr[6]"), (Amd64Register.Dr7, "env.dr[7]"), (Amd64Register.Efer, "env.efer"),
        (Amd64Register.Star, "env.star"), (Amd64Register.Lstar, "env.lstar"), (Amd64Register.Cstar, "env.cstar"),
        (Amd64Register.Fmask, "env.fmask"), (Amd64Register.KernelGsBase, "env.kernelgsbase"),
        (Amd64Register.SysenterCs, "env.sysenter_cs"), (Amd64Register.SysenterEsp, "env.sysenter_esp"),
        (Amd64Register.SysenterEip, "env.sysenter_eip"), (Amd64Register.TscAux, "env.tsc_aux"),
    ];

    // The order of QEMU's R_ES, R_CS, R_SS, R_DS, R_FS, R_GS.
    private static readonly (Amd64Register Register, string Field)[] Segments =
    [
        (Amd64Register.Es, "env.segs[0]"), (Amd64Register.Cs, "env.segs[1]"), (Amd64Register.Ss, "env.segs[2]"),
        (Amd64Register.Ds, "env.segs[3]"), (Amd64Register.Fs, "env.segs[4]"), (Amd64Register.Gs, "env.segs[5]"),
        (Amd64Register.Ldtr, "env.ldt"), (Amd64Register.Tr, "env.tr"),
    ];

    private static readonly (Amd64Register Register, string Field)[] Tables =
        [(Amd64Register.Gdtr, "env.gdt"), (Amd64Register.Idtr, "env.idt")];

    /// <summary>Reads a vCPU. A group of which the description lacks a field is lacking.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cpu">What describes the section `cpu`.</param>
    /// <param name="cpuOffset">Where that section's data is.</param>
    /// <param name="apic">What describes its section `apic`, and where it is; null if it has none.</param>
    public static Amd64Registers Read(
        FileContent file, DeviceDescription cpu, long cpuOffset, (DeviceDescription Description, long Offset)? apic)
    {
        var fields = cpu.Fields(MostFields);
        var available = Amd64RegisterGroups.All & ~Amd64RegisterGroups.SegmentBases & ~Amd64RegisterGroups.Cr8;
        foreach (var (register, field) in Numbers)
        {
            if (!Has(field))
                available &= ~Amd64Registers.GroupOf(register);
        }
        foreach (var (register, field) in Segments.Concat(Tables))
        {
            if (!Has($"{field}.selector") || !Has($"{field}.base") || !Has($"{field}.limit") || !Has($"{field}.flags"))
                available &= ~Amd64Registers.GroupOf(register);
        }
        (long Offset, int Bytes) priority = default;
        if (apic is { } found && found.Description.Fields(MostFields).TryGetValue("tpr", out priority) && priority.Bytes == 1)
            available |= Amd64RegisterGroups.Cr8;

        var registers = new Amd64Registers(available);
        foreach (var (register, field) in Numbers)
        {
            if (Carries(register))
                registers[register] = Number(field);
        }
        foreach (var (register, field) in Segments)
        {
            if (Carries(register))
            {
                registers.SetSegment(register, new SegmentDescriptor(new SegmentSelector((ushort)Number($"{field}.selector")),
                    Number($"{field}.base"), (uint)Number($"{field}.limit"), SegmentDescriptor.AccessOf((uint)Number($"{field}.flags"))));
            }
        }
        if (Carries(Amd64Register.Gdtr))
        {
            registers.Gdtr = Table("env.gdt");
            registers.Idtr = Table("env.idt");
        }
        // CR8 is the upper half of the local APIC's task priority.
        if (Carries(Amd64Register.Cr8))
            registers[Amd64Register.Cr8] = NumberAt(apic!.Value.Offset + priority.Offset, 1) >> 4;
        return registers;

        bool Carries(Amd64Register register) => (available & Amd64Registers.GroupOf(register)) != 0;

        bool Has(string field) => fields.TryGetValue(field, out var place) && place.Bytes is 1 or 2 or 4 or 8;

        ulong Number(string field) => NumberAt(cpuOffset + fields[field].Offset, fields[field].Bytes);

        DescriptorTableRegister Table(string field) => new(new Va(Number($"{field}.base")), (ushort)Number($"{field}.limit"));

        ulong NumberAt(long at, int bytes)
        {
            Span<byte> number = stackalloc byte[8];
            number.Clear();
            file.ReadAll(at, number[(8 - bytes)..]);
            return BinaryPrimitives.ReadUInt64BigEndian(number);
        }
    }
}
