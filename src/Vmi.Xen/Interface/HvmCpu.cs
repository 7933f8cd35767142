using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>`struct hvm_hw_cpu`: a vCPU in the form that Xen saves it in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HvmCpu
{
    /// <summary>HVM_SAVE_CODE(CPU).</summary>
    public const ushort TypeCode = 2;

    public fixed byte FpuRegs[512];
    public ulong Rax;
    public ulong Rbx;
    public ulong Rcx;
    public ulong Rdx;
    public ulong Rbp;
    public ulong Rsi;
    public ulong Rdi;
    public ulong Rsp;
    public ulong R8;
    public ulong R9;
    public ulong R10;
    public ulong R11;
    public ulong R12;
    public ulong R13;
    public ulong R14;
    public ulong R15;
    public ulong Rip;
    public ulong Rflags;
    public ulong Cr0;
    public ulong Cr2;
    public ulong Cr3;
    public ulong Cr4;
    public ulong Dr0;
    public ulong Dr1;
    public ulong Dr2;
    public ulong Dr3;
    public ulong Dr6;
    public ulong Dr7;
    public uint CsSel;
    public uint DsSel;
    public uint EsSel;
    public uint FsSel;
    public uint GsSel;
    public uint SsSel;
    public uint TrSel;
    public uint LdtrSel;
    public uint CsLimit;
    public uint DsLimit;
    public uint EsLimit;
    public uint FsLimit;
    public uint GsLimit;
    public uint SsLimit;
    public uint TrLimit;
    public uint LdtrLimit;
    public uint IdtrLimit;
    public uint GdtrLimit;
    public ulong CsBase;
    public ulong DsBase;
    public ulong EsBase;
    public ulong FsBase;
    public ulong GsBase;
    public ulong SsBase;
    public ulong TrBase;
    public ulong LdtrBase;
    public ulong IdtrBase;
    public ulong GdtrBase;
    public uint CsArbytes;
    public uint DsArbytes;
    public uint EsArbytes;
    public uint FsArbytes;
    public uint GsArbytes;
    public uint SsArbytes;
    public uint TrArbytes;
    public uint LdtrArbytes;
    public ulong SysenterCs;
    public ulong SysenterEsp;
    public ulong SysenterEip;
    public ulong ShadowGs;
    public ulong MsrFlags;
    public ulong MsrLstar;
    public ulong MsrStar;
    public ulong MsrCstar;
    public ulong MsrSyscallMask;
    public ulong MsrEfer;
    public ulong MsrTscAux;
    public ulong Tsc;
    public uint PendingEvent;
    public uint ErrorCode;
    public uint Flags;
    public uint Pad0;
}
