namespace Vmi.Linux;

/// <summary>
/// A region of a process's memory: one line of /proc/PID/maps. Corresponds to `struct vm_area_struct`, at the moment it was read.
/// </summary>
public sealed class LinuxRegion : VmiRegion
{
    private const ulong MayShare = 0x80;

    private readonly KernelReader _kernel;
    private readonly AreaRecord _area;
    private readonly FileRecord? _file;

    internal LinuxRegion(KernelReader kernel, AreaRecord area, FileRecord? file, string? path, bool isProgram)
    {
        _kernel = kernel;
        _area = area;
        _file = file;
        Path = path;
        Kind = area.File.IsNull ? VmiRegionKind.Private : isProgram ? VmiRegionKind.MappedImage : VmiRegionKind.MappedData;
    }

    /// <inheritdoc/>
    public override Va Start => _area.Start;

    /// <inheritdoc/>
    public override Va End => _area.End;

    /// <summary>What the process may do with it: `VM_READ`, `VM_WRITE` and `VM_EXEC` of `vm_area_struct.vm_flags`.</summary>
    public override MemoryAccess Protection => (MemoryAccess)(_area.Flags & 7);

    /// <inheritdoc/>
    public override VmiRegionKind Kind { get; }

    /// <summary>
    /// What /proc/PID/maps shows: the file's path, with ` (deleted)` behind that of a file that is gone, or `[heap]`, `[stack]`, `[vdso]`
    /// and the like. Null for an anonymous region. Bytes that are not UTF-8 are escaped `\xNN`; a newline in a path stays one.
    /// </summary>
    public override string? Path { get; }

    /// <summary>The address of its `vm_area_struct`.</summary>
    public Va Object => _area.Address;

    /// <summary>All of `vm_area_struct.vm_flags`.</summary>
    public ulong Flags => _area.Flags;

    /// <summary>Whether writes are seen by all who map it.</summary>
    public bool IsShared => (_area.Flags & MayShare) != 0;

    /// <summary>Protection and sharing as /proc/PID/maps writes them: `rwxp`, with `s` for a shared region.</summary>
    public string Permissions => string.Create(4, this, static (letters, region) =>
    {
        letters[0] = region.Protection.HasFlag(MemoryAccess.Read) ? 'r' : '-';
        letters[1] = region.Protection.HasFlag(MemoryAccess.Write) ? 'w' : '-';
        letters[2] = region.Protection.HasFlag(MemoryAccess.Execute) ? 'x' : '-';
        letters[3] = region.IsShared ? 's' : 'p';
    });

    /// <summary>Where in the file it begins, in bytes; 0 without a file.</summary>
    public ulong Offset => _area.File.IsNull ? 0 : _area.PageOffset * Frame.Size;

    /// <summary>The device that the file is on, major number; 0 without a file.</summary>
    public uint DeviceMajor => (_file?.Device ?? 0) >> 20;

    /// <summary>The device that the file is on, minor number; 0 without a file.</summary>
    public uint DeviceMinor => (_file?.Device ?? 0) & 0xF_FFFF;

    /// <summary>The file's inode number; 0 without a file.</summary>
    public ulong Inode => _file?.Inode ?? 0;

    /// <summary>The file itself, whose content may be in memory; null without a file, or if its inode is not there.</summary>
    public LinuxCachedFile? CachedFile() => _file?.ToCachedFile(_kernel);
}
