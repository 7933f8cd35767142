using System.Text;

namespace Vmi.Linux;

/// <summary>Goes down in the kernel's cache of names (`struct dentry`), across mounts.</summary>
internal sealed class DirectoryReader(KernelReader kernel)
{
    private const int MostMounts = 1000;

    private readonly Dictionary<Va, Dictionary<Va, FilePlace>> _mounts = [];

    // What all look-ups of one path may cost: a guest can make each of its directories endlessly large.
    private long _budget = kernel.Limits.ListEntries;

    /// <summary>The entries of a directory.</summary>
    /// <param name="directory">Where it is.</param>
    /// <param name="path">Its path; null if that is not known.</param>
    public VmiList<LinuxCachedFile> Read(FilePlace directory, string? path)
    {
        var missing = new Shortfall();
        var found = new List<LinuxCachedFile>();
        foreach (var (dentry, structure) in Children(directory.Dentry, missing))
        {
            var place = Covered(new FilePlace(directory.Mount, dentry));
            if (DentryName.Read(kernel, structure) is not { } name)
                missing.Add($"the name of the dentry at {dentry} is not there, or too long");
            else if (Describe(place, $"{path?.TrimEnd('/')}/{GuestText.Decode(name)}") is { } file)
                found.Add(file);
            else
                missing.Add($"the inode of the dentry at {dentry} is not there");
        }

        return new VmiList<LinuxCachedFile>(found, missing.ToString());
    }

    /// <summary>The entry of a directory with a name; null if there is none that is known.</summary>
    public FilePlace? Find(FilePlace directory, string name, Shortfall missing)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        var isEscaped = name.Contains('\\', StringComparison.Ordinal);
        foreach (var (dentry, structure) in Children(directory.Dentry, missing))
        {
            if ((isEscaped || structure.Read(kernel.Layouts.Dentry.NameLength) == (ulong)bytes.Length)
                && DentryName.Read(kernel, structure) is { } found
                && (found.AsSpan().SequenceEqual(bytes) || isEscaped && GuestText.Decode(found) == name))
                return Covered(new FilePlace(directory.Mount, dentry));
        }

        return null;
    }

    /// <summary>The topmost thing that is mounted at a place; the place itself if nothing is.</summary>
    public FilePlace Covered(FilePlace place)
    {
        for (var i = 0; i < MostMounts && MountsIn(place.Mount).TryGetValue(place.Dentry, out var above); i++)
            place = above;
        return place;
    }

    /// <summary>What is known of a file; null if its memory is not there.</summary>
    public LinuxCachedFile? Describe(FilePlace place, string? path) =>
        kernel.TryReadVa(place.Dentry + kernel.Layouts.Dentry.Inode.Offset, out var address)
            && InodeRecord.TryRead(kernel, address) is { } inode ? new LinuxCachedFile(kernel, inode, place, path) : null;

    /// <summary>The names below a dentry that there is something behind, and that were not removed.</summary>
    private IEnumerable<(Va Dentry, StructReader Structure)> Children(Va directory, Shortfall missing)
    {
        if (_budget <= 0)
        {
            missing.Add("there are too many names to look through");
            yield break;
        }

        var layout = kernel.Layouts.Dentry;
        var children = layout.IsHashList
            ? HashList.Walk(kernel, directory + layout.Children, layout.Sibling, "names")
            : KernelList.Walk(kernel, directory + layout.Children, layout.Sibling, "names");
        missing.Add(children.Incomplete);
        // The whole list was walked, whichever of it is wanted.
        _budget -= children.Count;
        foreach (var child in children)
        {
            if (!kernel.TryReadStruct(child, layout, out var structure))
                missing.Add($"the dentry at {child} is not there");
            else if (!structure.ReadVa(layout.Inode).IsNull && !structure.ReadVa(layout.Hashed).IsNull)
                yield return (child, structure);
        }
    }

    /// <summary>What is mounted in a mount, by the dentry that it covers.</summary>
    private Dictionary<Va, FilePlace> MountsIn(Va mount)
    {
        if (_mounts.TryGetValue(mount, out var known))
            return known;
        var layout = kernel.Layouts.Mount;
        var mounts = _mounts[mount] = [];
        if (_budget <= 0)
            return mounts;
        var children = KernelList.Walk(kernel, mount - layout.Inner + layout.Children, layout.Sibling, "mounts");
        _budget -= children.Count;
        foreach (var child in children)
        {
            if (kernel.TryReadStruct(child, layout, out var structure))
                mounts[structure.ReadVa(layout.MountPoint)] = new FilePlace(child + layout.Inner, structure.ReadVa(layout.Root));
        }

        return mounts;
    }
}
