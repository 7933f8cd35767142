namespace Vmi.Linux;

/// <summary>Reads the mounts that a process sees, as /proc/PID/mountinfo shows them (fs/proc_namespace.c).</summary>
internal sealed class MountReader(KernelReader kernel)
{
    private const int LongestText = 4096;
    private const uint Cursor = 0x1000_0000; // MNT_CURSOR: a reader's place in the list

    private readonly MountInfoLayout _layout = kernel.Layouts.MountInfo;
    private readonly PathReader _paths = new(kernel);

    /// <summary>The mounts of a task's namespace that lie below its root directory.</summary>
    public VmiList<LinuxMount> Read(TaskRecord task)
    {
        var missing = new Shortfall();
        var mounts = new List<LinuxMount>();
        // A process that ended is in no namespace.
        if (task.Fs.IsNull || !kernel.TryReadVa(task.Address + _layout.NamespaceProxy, out var proxy) || proxy.IsNull)
            return new VmiList<LinuxMount>(mounts);
        if (!kernel.TryReadVa(proxy + _layout.Namespace, out var space))
            return new VmiList<LinuxMount>(mounts, $"the namespaces at {proxy} are not there");

        var found = Mounts(space);
        missing.Add(found.Incomplete);
        foreach (var address in found)
        {
            if (!kernel.TryReadStruct(address, _layout, out var mount))
                missing.Add($"the mount at {address} is not there");
            else if ((mount.Read(_layout.Flags) & Cursor) == 0 && Describe(task, address, mount, missing) is { } described)
                mounts.Add(described);
        }

        return new VmiList<LinuxMount>(mounts, missing.ToString());
    }

    private VmiList<Va> Mounts(Va space)
    {
        if (_layout.Tree is not { } tree)
            return KernelList.Walk(kernel, space + _layout.List, _layout.Node, "mounts");
        if (!kernel.TryReadVa(space + tree, out var root))
            return new VmiList<Va>([], $"the mount namespace at {space} is not there");
        var nodes = RedBlackTree.Walk(kernel, root, _layout.NodeLeft, _layout.NodeRight, "mounts");
        return new VmiList<Va>([.. nodes.Select(node => node - _layout.Node)], nodes.Incomplete);
    }

    private LinuxMount? Describe(TaskRecord task, Va address, StructReader mount, Shortfall missing)
    {
        var path = _paths.ReadMountPoint(address + _layout.Inner, task.Fs + kernel.Layouts.File.RootPath, out var isOutside);
        if (isOutside)
            return null;
        if (path is null)
            missing.Add($"the place of the mount at {address} is not there, or too long");
        var root = _paths.ReadWithinFileSystem(mount.ReadVa(_layout.Root));
        if (root is null)
            missing.Add($"the root of the mount at {address} is not there, or too long");
        var super = mount.ReadVa(_layout.SuperBlock);
        if (!kernel.TryReadUInt32(super + _layout.Device, out var device)
            | !kernel.TryReadUInt32(super + _layout.SuperFlags, out var flags))
            missing.Add($"the super_block at {super} is not there");
        return new LinuxMount(FlagsOf(mount), flags, device, (int)mount.Read(_layout.PeerGroup))
        {
            Id = (int)mount.Read(_layout.Id),
            ParentId = Number(mount.ReadVa(_layout.Parent), _layout.Id, missing),
            Root = root,
            Path = path ?? "",
            MasterGroup = mount.ReadVa(_layout.Master) is { IsNull: false } master ? Number(master, _layout.PeerGroup, missing) : null,
            FileSystem = FileSystemOf(super, missing),
            Source = mount.ReadVa(_layout.Source) is { IsNull: false } source ? Text(source, missing) : null,
            Object = address,
        };
    }

    /// <summary>`mnt_flags`, with `mnt_t_flags` (T_SHARED 1, T_UNBINDABLE 2) where the propagation flags used to be.</summary>
    private uint FlagsOf(StructReader mount)
    {
        var flags = (uint)mount.Read(_layout.Flags);
        if (_layout.Propagation is not { } propagation)
            return flags;
        var types = (uint)mount.Read(propagation);
        return flags & ~(LinuxMount.Shared | LinuxMount.Unbindable)
            | ((types & 1) != 0 ? LinuxMount.Shared : 0) | ((types & 2) != 0 ? LinuxMount.Unbindable : 0);
    }

    private int? Number(Va mount, Field field, Shortfall missing)
    {
        if (kernel.TryReadUInt32(mount + field.Offset, out var number))
            return (int)number;
        missing.Add($"the mount at {mount} is not there");
        return null;
    }

    private string? FileSystemOf(Va super, Shortfall missing)
    {
        if (!kernel.TryReadVa(super + _layout.FileSystem, out var type) || !kernel.TryReadVa(type + _layout.FileSystemName, out var name))
        {
            missing.Add($"the file system of the super_block at {super} is not there");
            return null;
        }

        var text = Text(name, missing);
        return _layout.SubType is { } offset && kernel.TryReadVa(super + offset, out var sub) && !sub.IsNull
            ? $"{text}.{Text(sub, missing)}" : text;
    }

    private string? Text(Va address, Shortfall missing)
    {
        if (kernel.ReadText(address, LongestText) is { } text)
            return GuestText.Decode(text);
        missing.Add($"the text at {address} is not there");
        return null;
    }
}
