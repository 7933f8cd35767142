using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// The registers of a vCPU in a migration stream, found by the names that the stream's description has for the fields of QEMU's
/// `vmstate_x86_cpu` and `vmstate_apic_common` (target/i386/machine.c, hw/intc/apic_common.c).
/// </summary>
internal static class MigrationCpu
{
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
        (Amd64Register.Mxcsr, "env.mxcsr"),
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
    /// <param name="cpu">Its section `cpu`.</param>
    /// <param name="apic">Its section `apic`; null if it has none.</param>
    public static Amd64Registers Read(DeviceFields cpu, DeviceFields? apic)
    {
        var available = Amd64RegisterGroups.All & ~Amd64RegisterGroups.SegmentBases & ~Amd64RegisterGroups.Cr8;
        foreach (var (register, field) in Numbers)
        {
            if (!cpu.Has(field))
                available &= ~Amd64Registers.GroupOf(register);
        }
        foreach (var (register, field) in Segments.Concat(Tables))
        {
            if (!cpu.Has($"{field}.selector") || !cpu.Has($"{field}.base") || !cpu.Has($"{field}.limit") || !cpu.Has($"{field}.flags"))
                available &= ~Amd64Registers.GroupOf(register);
        }
        for (var register = Amd64Register.Xmm0; register <= Amd64Register.Xmm15; register++)
        {
            if (!cpu.Has(XmmHalf(register, 0)) || !cpu.Has(XmmHalf(register, 1)))
                available &= ~Amd64RegisterGroups.Sse;
        }
        if (apic?.Has("tpr") == true)
            available |= Amd64RegisterGroups.Cr8;

        var registers = new Amd64Registers(available);
        foreach (var (register, field) in Numbers)
        {
            if (Carries(register))
                registers[register] = cpu.Number(field);
        }
        foreach (var (register, field) in Segments)
        {
            if (Carries(register))
            {
                registers.SetSegment(register, new SegmentDescriptor(
                    new SegmentSelector((ushort)cpu.Number($"{field}.selector")), cpu.Number($"{field}.base"),
                    (uint)cpu.Number($"{field}.limit"), SegmentDescriptor.AccessOf((uint)cpu.Number($"{field}.flags"))));
            }
        }
        if (Carries(Amd64Register.Gdtr))
        {
            registers.Gdtr = Table("env.gdt");
            registers.Idtr = Table("env.idt");
        }
        for (var register = Amd64Register.Xmm0; register <= Amd64Register.Xmm15 && Carries(register); register++)
            registers.SetXmm(register, new UInt128(cpu.Number(XmmHalf(register, 1)), cpu.Number(XmmHalf(register, 0))));
        // CR8 is the upper half of the local APIC's task priority.
        if (Carries(Amd64Register.Cr8))
            registers[Amd64Register.Cr8] = apic!.Number("tpr") >> 4;
        return registers;

        bool Carries(Amd64Register register) => (available & Amd64Registers.GroupOf(register)) != 0;

        DescriptorTableRegister Table(string field) => new(new Va(cpu.Number($"{field}.base")), (ushort)cpu.Number($"{field}.limit"));
    }

    /// <summary>The field of a half of an XMM register; `env.xmm_regs[1]` has the upper halves of those of AVX.</summary>
    private static string XmmHalf(Amd64Register register, int half) =>
        $"env.xmm_regs[0][{register - Amd64Register.Xmm0}]._q_ZMMReg[{half}]";
}
