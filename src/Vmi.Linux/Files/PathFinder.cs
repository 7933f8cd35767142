namespace Vmi.Linux;

/// <summary>Follows a path as open(2) does, through the kernel's cache of names only.</summary>
internal sealed class PathFinder(KernelReader kernel)
{
    private const int MostLinks = 40; // MAXSYMLINKS
    private const int LongestPath = 4096; // PATH_MAX

    private readonly DirectoryReader _directories = new(kernel);
    private readonly Shortfall _missing = new();
    private int _links;

    /// <summary>The file at a path.</summary>
    /// <param name="root">The root directory.</param>
    /// <param name="path">The path from there on; symbolic links are followed.</param>
    /// <param name="reason">Why it was not found; null if it was.</param>
    public LinuxCachedFile? Find(FilePlace root, string path, out string? reason)
    {
        reason = path.Length > LongestPath ? "the path is too long" : null;
        var way = new List<(FilePlace Place, string Name)> { (_directories.Covered(root), "") };
        var rest = new Stack<string>(Components(path).Reverse());
        while (reason is null && rest.TryPop(out var name))
        {
            if (name == "..")
            {
                if (way.Count > 1)
                    way.RemoveAt(way.Count - 1);
            }
            else
            {
                reason = Enter(way, rest, name);
            }
        }

        if (reason is not null)
            return null;
        var file = _directories.Describe(way[^1].Place, PathOf(way));
        reason = file is null ? $"the inode of {PathOf(way)} is not there" : null;
        return file;
    }

    private string? Enter(List<(FilePlace Place, string Name)> way, Stack<string> rest, string name)
    {
        if (_directories.Find(way[^1].Place, name, _missing) is not { } place)
            return $"{Shown()} is not in the kernel's cache of names{(_missing.ToString() is { } why ? $": {why}" : "")}";
        if (_directories.Describe(place, null) is not { } file)
            return $"the inode of {Shown()} is not there";
        if (file.Kind != LinuxFileKind.SymbolicLink)
        {
            way.Add((place, name));
            return null;
        }

        if (++_links > MostLinks)
            return $"more than {MostLinks} symbolic links lead on from each other";
        if (TargetOf(file) is not { } target)
            return $"where the symbolic link {Shown()} leads to is not in memory";
        if (target.StartsWith('/'))
            way.RemoveRange(1, way.Count - 1);
        foreach (var component in Components(target).Reverse())
            rest.Push(component);
        return null;

        // Made where it is needed only: a guest's links can make the way very long.
        string Shown() => $"{PathOf(way).TrimEnd('/')}/{name}";
    }

    private string? TargetOf(LinuxCachedFile link)
    {
        if (InodeRecord.TryRead(kernel, link.Object) is { Link.IsNull: false } inode
            && kernel.ReadText(inode.Link, LongestPath) is { Length: > 0 } text)
            return GuestText.Decode(text);
        var content = link.Content();
        var bytes = new byte[Math.Min(content.Size, LongestPath)];
        return bytes.Length > 0 && content.TryRead(0, bytes) ? GuestText.Decode(GuestText.Terminated(bytes)) : null;
    }

    private static IEnumerable<string> Components(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(each => each != ".");

    private static string PathOf(List<(FilePlace Place, string Name)> way) =>
        way.Count == 1 ? "/" : string.Join('/', way.Select(each => each.Name));
}
