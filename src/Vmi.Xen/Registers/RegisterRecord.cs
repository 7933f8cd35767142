using Vmi.Amd64;

namespace Vmi.Xen;

/// <summary>Xen's record of a vCPU as <see cref="Amd64Registers"/>, and back.</summary>
internal static class RegisterRecord
{
    /// <summary>What the record has: all but CR8 and XCR0.</summary>
    public const Amd64RegisterGroups Groups = XenRegisters.Groups & ~(Amd64RegisterGroups.Cr8 | Amd64RegisterGroups.Xcr0);

    /// <summary>Sets the registers of some groups, which <paramref name="registers"/> has as loaded.</summary>
    public static void Fill(Amd64Registers registers, in HvmCpu cpu, Amd64RegisterGroups groups)
    {
        for (var register = Amd64Register.Rax; register <= Amd64Register.TscAux; register++)
        {
            if ((Amd64Registers.GroupOf(register) & groups) != 0)
                Fill(registers, cpu, register);
        }
    }

    /// <summary>Puts one register into the record; false if the record has no place for it.</summary>
    public static bool Apply(ref HvmCpu cpu, Amd64Registers registers, Amd64Register register)
    {
        switch (register)
        {
            case Amd64Register.Cs:
                Put(registers.Cs, ref cpu.CsSel, ref cpu.CsBase, ref cpu.CsLimit, ref cpu.CsArbytes);
                return true;
            case Amd64Register.Ds:
                Put(registers.Ds, ref cpu.DsSel, ref cpu.DsBase, ref cpu.DsLimit, ref cpu.DsArbytes);
                return true;
            case Amd64Register.Es:
                Put(registers.Es, ref cpu.EsSel, ref cpu.EsBase, ref cpu.EsLimit, ref cpu.EsArbytes);
                return true;
            case Amd64Register.Fs:
                Put(registers.Fs, ref cpu.FsSel, ref cpu.FsBase, ref cpu.FsLimit, ref cpu.FsArbytes);
                return true;
            case Amd64Register.Gs:
                Put(registers.Gs, ref cpu.GsSel, ref cpu.GsBase, ref cpu.GsLimit, ref cpu.GsArbytes);
                return true;
            case Amd64Register.Ss:
                Put(registers.Ss, ref cpu.SsSel, ref cpu.SsBase, ref cpu.SsLimit, ref cpu.SsArbytes);
                return true;
            case Amd64Register.Tr:
                Put(registers.Tr, ref cpu.TrSel, ref cpu.TrBase, ref cpu.TrLimit, ref cpu.TrArbytes);
                return true;
            case Amd64Register.Ldtr:
                Put(registers.Ldtr, ref cpu.LdtrSel, ref cpu.LdtrBase, ref cpu.LdtrLimit, ref cpu.LdtrArbytes);
                return true;
            case Amd64Register.Gdtr:
                (cpu.GdtrBase, cpu.GdtrLimit) = (registers.Gdtr.Base.Value, registers.Gdtr.Limit);
                return true;
            case Amd64Register.Idtr:
                (cpu.IdtrBase, cpu.IdtrLimit) = (registers.Idtr.Base.Value, registers.Idtr.Limit);
                return true;
            case Amd64Register.Cr8 or Amd64Register.Xcr0:
                return false;
            default:
                Number(ref cpu, register) = registers[register];
                return true;
        }
    }

    private static void Fill(Amd64Registers registers, in HvmCpu cpu, Amd64Register register)
    {
        switch (register)
        {
            case Amd64Register.Cs:
                registers.Cs = Segment(cpu.CsSel, cpu.CsBase, cpu.CsLimit, cpu.CsArbytes);
                break;
            case Amd64Register.Ds:
                registers.Ds = Segment(cpu.DsSel, cpu.DsBase, cpu.DsLimit, cpu.DsArbytes);
                break;
            case Amd64Register.Es:
                registers.Es = Segment(cpu.EsSel, cpu.EsBase, cpu.EsLimit, cpu.EsArbytes);
                break;
            case Amd64Register.Fs:
                registers.Fs = Segment(cpu.FsSel, cpu.FsBase, cpu.FsLimit, cpu.FsArbytes);
                break;
            case Amd64Register.Gs:
                registers.Gs = Segment(cpu.GsSel, cpu.GsBase, cpu.GsLimit, cpu.GsArbytes);
                break;
            case Amd64Register.Ss:
                registers.Ss = Segment(cpu.SsSel, cpu.SsBase, cpu.SsLimit, cpu.SsArbytes);
                break;
            case Amd64Register.Tr:
                registers.Tr = Segment(cpu.TrSel, cpu.TrBase, cpu.TrLimit, cpu.TrArbytes);
                break;
            case Amd64Register.Ldtr:
                registers.Ldtr = Segment(cpu.LdtrSel, cpu.LdtrBase, cpu.LdtrLimit, cpu.LdtrArbytes);
                break;
            case Amd64Register.Gdtr:
                registers.Gdtr = new DescriptorTableRegister(new Va(cpu.GdtrBase), (ushort)cpu.GdtrLimit);
                break;
            case Amd64Register.Idtr:
                registers.Idtr = new DescriptorTableRegister(new Va(cpu.IdtrBase), (ushort)cpu.IdtrLimit);
                break;
            default:
                var copy = cpu;
                registers[register] = Number(ref copy, register);
                break;
        }
    }

    private static ref ulong Number(ref HvmCpu cpu, Amd64Register register)
    {
        switch (register)
        {
            case Amd64Register.Rax: return ref cpu.Rax;
            case Amd64Register.Rcx: return ref cpu.Rcx;
            case Amd64Register.Rdx: return ref cpu.Rdx;
            case Amd64Register.Rbx: return ref cpu.Rbx;
            case Amd64Register.Rsp: return ref cpu.Rsp;
            case Amd64Register.Rbp: return ref cpu.Rbp;
            case Amd64Register.Rsi: return ref cpu.Rsi;
            case Amd64Register.Rdi: return ref cpu.Rdi;
            case Amd64Register.R8: return ref cpu.R8;
            case Amd64Register.R9: return ref cpu.R9;
            case Amd64Register.R10: return ref cpu.R10;
            case Amd64Register.R11: return ref cpu.R11;
            case Amd64Register.R12: return ref cpu.R12;
            case Amd64Register.R13: return ref cpu.R13;
            case Amd64Register.R14: return ref cpu.R14;
            case Amd64Register.R15: return ref cpu.R15;
            case Amd64Register.Rip: return ref cpu.Rip;
            case Amd64Register.Rflags: return ref cpu.Rflags;
            case Amd64Register.Cr0: return ref cpu.Cr0;
            case Amd64Register.Cr2: return ref cpu.Cr2;
            case Amd64Register.Cr3: return ref cpu.Cr3;
            case Amd64Register.Cr4: return ref cpu.Cr4;
            case Amd64Register.Dr0: return ref cpu.Dr0;
            case Amd64Register.Dr1: return ref cpu.Dr1;
            case Amd64Register.Dr2: return ref cpu.Dr2;
            case Amd64Register.Dr3: return ref cpu.Dr3;
            case Amd64Register.Dr6: return ref cpu.Dr6;
            case Amd64Register.Dr7: return ref cpu.Dr7;
            case Amd64Register.Efer: return ref cpu.MsrEfer;
            case Amd64Register.Star: return ref cpu.MsrStar;
            case Amd64Register.Lstar: return ref cpu.MsrLstar;
            case Amd64Register.Cstar: return ref cpu.MsrCstar;
            case Amd64Register.Fmask: return ref cpu.MsrSyscallMask;
            case Amd64Register.KernelGsBase: return ref cpu.ShadowGs;
            case Amd64Register.FsBase: return ref cpu.FsBase;
            case Amd64Register.GsBase: return ref cpu.GsBase;
            case Amd64Register.SysenterCs: return ref cpu.SysenterCs;
            case Amd64Register.SysenterEsp: return ref cpu.SysenterEsp;
            case Amd64Register.SysenterEip: return ref cpu.SysenterEip;
            case Amd64Register.TscAux: return ref cpu.MsrTscAux;
            default: throw new ArgumentOutOfRangeException(nameof(register), register, "Xen's record has no such number.");
        }
    }

    /// <summary>Xen packs the access rights: bits 0 to 7, then AVL, L, D/B and G right above them.</summary>
    private static SegmentDescriptor Segment(uint selector, ulong start, uint limit, uint access) =>
        new(new SegmentSelector((ushort)selector), start, limit, (ushort)((access & 0xFF) | (access & 0xF00) << 4));

    private static void Put(SegmentDescriptor value, ref uint selector, ref ulong start, ref uint limit, ref uint access)
    {
        selector = value.Selector.Value;
        start = value.Base;
        limit = value.Limit;
        access = (uint)((value.Access & 0xFF) | (value.Access >> 4 & 0xF00));
    }
}
