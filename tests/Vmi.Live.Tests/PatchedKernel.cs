using System.Buffers.Binary;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>A kernel in a copy of a vmcore, of which structures are changed.</summary>
internal sealed class PatchedKernel(PatchedVmcore file) : IDisposable
{
    private readonly VmiTarget _target = VmiTarget.Open(file.Path);

    public LinuxOs Os => field ??= LinuxOs.Detect(_target.Core);

    public Va Symbol(string name) => Os.Kernel.Profile.Symbol(name);

    public Va Task(uint pid) => Os.FindProcess(new ProcessId(pid))!.Object.Va;

    public LinuxModule Module(string name) => Os.Modules().Single(module => module.Name == name);

    /// <summary>The address of a field of a structure.</summary>
    public Va Field(Va structure, string type, string path) => structure + Os.Kernel.Profile.Field(type, path).Offset;

    public Va Pointer(Va address) => new(_target.Core.ReadUInt64(At(address)));

    public void Write(Va address, ulong value, int size = sizeof(ulong))
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        file.Write(_target.Core.TranslateAddress(At(address)), bytes.AsSpan(0, size));
    }

    /// <summary>Takes an entry (`struct list_head`) out of its list, as list_del() does.</summary>
    public void Unlink(Va link)
    {
        var (next, previous) = (Pointer(link), Pointer(link + sizeof(ulong)));
        Write(previous, next.Value);
        Write(next + sizeof(ulong), previous.Value);
    }

    /// <summary>Sets bits of the last page-table entry of an address.</summary>
    public void SetEntryBits(Va address, ulong bits)
    {
        var entry = _target.Core.Walk(At(address)).Entries[^1];
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, entry.Value | bits);
        file.Write(entry.Address, bytes);
    }

    public void Dispose() => _target.Dispose();

    private AddressContext At(Va address) => (address, Os.Kernel.TranslationRoot);
}
