using System.Globalization;

namespace Vmi.Linux;

/// <summary>
/// Writes the path of a file as the kernel does (fs/d_path.c): from its dentry up to the root of its mount, over the mount point to the
/// mount above, to the root of the first process.
/// </summary>
internal sealed class PathReader(KernelReader kernel)
{
    private const int DeepestPath = 4096;
    private const int LongestPath = 4096; // PATH_MAX
    private const int StepCost = 64;
    // FMODE_BACKING, which moved from bit 25 to 24 in releases of one series: no type tells. Both bits have also other meanings, so that
    // what follows the file counts only where it is a path.
    private const ulong BackingFile = 1 << 25 | 1 << 24;
    private const ulong PathOnly = 0x20_0000; // O_PATH

    // What all paths of one list may cost: a guest can make each of a million files lie 4096 directories deep.
    private long _budget = kernel.Limits.TableBytes;
    private FilePlace? _root;

    /// <summary>The file behind a `struct file`; null if that is not there.</summary>
    public FileRecord? Read(Va file)
    {
        if (!kernel.TryReadStruct(file, kernel.Layouts.File, out var structure))
            return null;
        var (mount, dentry) = PathOf(file, structure);
        var layout = kernel.Layouts.File;
        var inode = structure.ReadVa(layout.Inode);
        var (device, number) = InodeOf(inode);
        var (mode, uid) = kernel.TryReadStruct(inode, kernel.Layouts.Inode, out var owner)
            ? ((uint)owner.Read(kernel.Layouts.Inode.Mode), (uint)owner.Read(kernel.Layouts.Inode.Uid)) : default;
        return new FileRecord(
            file, Text(mount, dentry), device, number, mode, uid, (uint)structure.Read(layout.Flags), structure.Read(layout.Position),
            structure.ReadVa(layout.PrivateData), inode, new FilePlace(mount, dentry));
    }

    /// <summary>The path of a `struct file`.</summary>
    public bool TryRead(Va file, out string path)
    {
        path = Read(file)?.Path ?? "";
        return path.Length > 0;
    }

    /// <summary>The path of a `struct path`; null if it is not there.</summary>
    public string? ReadPath(Va address) => TryReadPath(address, out var path) ? Text(path.Mount, path.Dentry) : null;

    /// <summary>What a `struct path` leads to; null if it is not there.</summary>
    public FilePlace? ReadPlace(Va address) =>
        TryReadPath(address, out var path) ? new FilePlace(path.Mount, path.Dentry) : null;

    /// <summary>Where a mount is.</summary>
    /// <param name="mount">Its `vfsmount`.</param>
    /// <param name="root">The `struct path` of the directory from which on its place is told.</param>
    /// <param name="isOutside">Whether it lies outside of that directory.</param>
    /// <returns>The path; null if its memory is not there.</returns>
    public string? ReadMountPoint(Va mount, Va root, out bool isOutside)
    {
        isOutside = false;
        return TryReadPath(root, out var top) && RootOf(mount) is { } dentry ? Walk(mount, dentry, top, out isOutside) : null;
    }

    /// <summary>The path of a dentry from its file system's root on, as `dentry_path` gives it; null if its memory is not there.</summary>
    public string? ReadWithinFileSystem(Va dentry)
    {
        var names = new List<byte[]>();
        var length = 0;
        var deleted = "";
        for (var steps = 0; steps < DeepestPath && length <= LongestPath && _budget > 0; steps++)
        {
            if (!kernel.TryReadStruct(dentry, kernel.Layouts.Dentry, out var structure))
                return null;
            var parent = structure.ReadVa(kernel.Layouts.Dentry.Parent);
            if (parent == dentry)
                return Join(names) + deleted;
            if (NameOf(structure) is not { } name)
                return null;
            if (steps == 0 && structure.ReadVa(kernel.Layouts.Dentry.Hashed).IsNull)
                deleted = "//deleted";
            names.Add(name);
            length += name.Length + 1;
            _budget -= StepCost + name.Length;
            dentry = parent;
        }

        return null;
    }

    private (Va Mount, Va Dentry) PathOf(Va address, StructReader file)
    {
        var layout = kernel.Layouts.File;
        if (layout.UserPath is { } user && (file.Read(layout.Mode) & BackingFile) != 0
            && (file.Read(layout.Flags) & PathOnly) == 0
            && TryReadPath(address + user, out var path) && path.Mount.IsUpperHalf && Text(path.Mount, path.Dentry) is not null)
            return path;
        return (file.ReadVa(layout.Mount), file.ReadVa(layout.Dentry));
    }

    private (uint Device, ulong Number) InodeOf(Va address)
    {
        var layout = kernel.Layouts.Inode;
        if (!kernel.TryReadStruct(address, layout, out var inode))
            return default;
        kernel.TryReadUInt32(inode.ReadVa(layout.SuperBlock) + layout.Device, out var device);
        return (device, inode.Read(layout.InodeNumber));
    }

    private string? Text(Va mount, Va dentry)
    {
        var layout = kernel.Layouts.Dentry;
        if (!kernel.TryReadStruct(dentry, layout, out var first))
            return null;
        var isRoot = first.ReadVa(layout.Parent) == dentry;
        var hasOwnName = kernel.TryReadVa(first.ReadVa(layout.Operations) + layout.OperationsName, out var function) && !function.IsNull;
        if (hasOwnName && (!isRoot || dentry != RootOf(mount)))
            return OwnName(first, function);

        var deleted = !isRoot && first.ReadVa(layout.Hashed).IsNull ? " (deleted)" : "";
        var root = _root ??= FindRoot();
        return Walk(mount, dentry, (root.Mount, root.Dentry), out _) is { } path ? path + deleted : null;
    }

    /// <summary>The names of files that are in no directory: each kind has its own (`dentry_operations.d_dname`).</summary>
    private string? OwnName(StructReader dentry, Va function)
    {
        if (NameOf(dentry) is not { } bytes)
            return null;
        var name = GuestText.Decode(bytes);
        return kernel.Kernel.Profile.Resolve(function)?.Name switch
        {
            "simple_dname" => $"/{name} (deleted)",
            "anon_inodefs_dname" => $"anon_inode:{name}",
            "pipefs_dname" => Numbered("pipe"),
            "sockfs_dname" => Numbered("socket"),
            _ => name,
        };

        string Numbered(string kind)
        {
            var inode = InodeOf(dentry.ReadVa(kernel.Layouts.Dentry.Inode)).Number;
            return string.Create(CultureInfo.InvariantCulture, $"{kind}:[{inode}]");
        }
    }

    private string? Walk(Va mount, Va dentry, (Va Mount, Va Dentry) root, out bool isOutside)
    {
        isOutside = false;
        var names = new List<byte[]>();
        var length = 0;
        var mountRoot = RootOf(mount);
        for (var steps = 0; (mount, dentry) != root; steps++)
        {
            if (steps == DeepestPath || length > LongestPath || _budget <= 0)
                return null;
            _budget -= StepCost;
            if (dentry == mountRoot)
            {
                if (OuterOf(mount) is not { } outer)
                    return null;
                if (outer.Mount == mount)
                {
                    isOutside = true;
                    break;
                }

                (mount, dentry) = outer;
                mountRoot = RootOf(mount);
                continue;
            }

            if (!kernel.TryReadStruct(dentry, kernel.Layouts.Dentry, out var structure))
                return null;
            var parent = structure.ReadVa(kernel.Layouts.Dentry.Parent);
            if (parent == dentry)
            {
                isOutside = true;
                break;
            }

            if (NameOf(structure) is not { } name)
                return null;
            names.Add(name);
            length += name.Length + 1;
            _budget -= name.Length;
            dentry = parent;
        }

        return Join(names);
    }

    private static string Join(List<byte[]> names)
    {
        if (names.Count == 0)
            return "/";
        names.Reverse();
        return GuestText.Decode(names.SelectMany(name => (byte[])[(byte)'/', .. name]).ToArray());
    }

    /// <summary>The mount that a mount lies in, and where; the same mount if it is the topmost one; null if it is not there.</summary>
    private (Va Mount, Va Dentry)? OuterOf(Va mount)
    {
        var layout = kernel.Layouts.Mount;
        return kernel.TryReadStruct(mount - layout.Inner, layout, out var structure)
            ? (structure.ReadVa(layout.Parent) + layout.Inner, structure.ReadVa(layout.MountPoint))
            : null;
    }

    /// <summary>The root dentry of a mount; null if it is not there, which no dentry equals.</summary>
    private Va? RootOf(Va mount)
    {
        var layout = kernel.Layouts.Mount;
        return kernel.TryReadVa(mount - layout.Inner + layout.Root.Offset, out var root) ? root : null;
    }

    private byte[]? NameOf(StructReader dentry) => DentryName.Read(kernel, dentry);

    /// <summary>The root directory of the first process, below which /proc shows all paths; the topmost one if that is not there.</summary>
    public FilePlace FindRoot()
    {
        var layout = kernel.Layouts.File;
        return kernel.Kernel.Profile.TryGetSymbol("init_pid_ns", out var space)
            && kernel.TryReadVa(space + layout.NamespaceReaper, out var init)
            && kernel.TryReadVa(init + kernel.Layouts.Task.Fs.Offset, out var fs)
            && ReadPlace(fs + layout.RootPath) is { } root ? root : default;
    }

    private bool TryReadPath(Va address, out (Va Mount, Va Dentry) path)
    {
        var layout = kernel.Layouts.File;
        path = default;
        if (!kernel.TryReadVa(address + layout.PathMount, out var mount) || !kernel.TryReadVa(address + layout.PathDentry, out var dentry))
            return false;
        path = (mount, dentry);
        return true;
    }
}
