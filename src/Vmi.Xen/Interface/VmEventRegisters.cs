using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>`struct vm_event_regs_x86`: the registers that an event carries, and that an answer may set.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VmEventRegisters
{
    public ulong Rax;
    public ulong Rcx;
    public ulong Rdx;
    public ulong Rbx;
    public ulong Rsp;
    public ulong Rbp;
    public ulong Rsi;
    public ulong Rdi;
    public ulong R8;
    public ulong R9;
    public ulong R10;
    public ulong R11;
    public ulong R12;
    public ulong R13;
    public ulong R14;
    public ulong R15;
    public ulong Rflags;
    public ulong Dr6;
    public ulong Dr7;
    public ulong Rip;
    public ulong Cr0;
    public ulong Cr2;
    public ulong Cr3;
    public ulong Cr4;
    public ulong SysenterCs;
    public ulong SysenterEsp;
    public ulong SysenterEip;
    public ulong MsrEfer;
    public ulong MsrStar;
    public ulong MsrLstar;
    public ulong GdtrBase;
    public ulong NptBase;
    public ulong VmtracePos;
    public uint CsBase;
    public uint SsBase;
    public uint DsBase;
    public uint EsBase;
    public ulong FsBase;
    public ulong GsBase;
    public uint Cs;
    public uint Ss;
    public uint Ds;
    public uint Es;
    public uint Fs;
    public uint Gs;
    public ulong ShadowGs;
    public ushort GdtrLimit;
    public ushort CsSel;
    public ushort SsSel;
    public ushort DsSel;
    public ushort EsSel;
    public ushort FsSel;
    public ushort GsSel;
    public ushort Padding;
}
