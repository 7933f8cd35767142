namespace Vmi.Linux;

/// <summary>A program or library mapped into a process: the regions of one file of which a part is mapped executable.</summary>
public sealed class LinuxUserModule : VmiUserModule
{
    private LinuxUserModule(Va start, Va end, string path)
    {
        BaseAddress = start;
        Size = end - start;
        Path = path;
    }

    /// <summary>Where its first region begins.</summary>
    public override Va BaseAddress { get; }

    /// <summary>Bytes from there to the end of its last region.</summary>
    public override ulong Size { get; }

    /// <summary>The last part of its path.</summary>
    public override string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Its path, as <see cref="LinuxRegion.Path"/>.</summary>
    public string Path { get; }

    internal bool Contains(Va address) => address - BaseAddress < Size;

    internal static VmiList<LinuxUserModule> Of(IVmiList<LinuxRegion> regions)
    {
        // A file may be mapped in several places: one that is mapped again from its start begins a new module.
        var modules = new List<LinuxUserModule>();
        var current = new Dictionary<string, int>();
        foreach (var region in regions)
        {
            if (region is not { Kind: VmiRegionKind.MappedImage, Path: { } path })
                continue;
            if (region.Offset != 0 && current.TryGetValue(path, out var index) && region.End > modules[index].BaseAddress)
            {
                modules[index] = new LinuxUserModule(modules[index].BaseAddress, region.End, path);
                continue;
            }

            current[path] = modules.Count;
            modules.Add(new LinuxUserModule(region.Start, region.End, path));
        }

        return new VmiList<LinuxUserModule>(modules, regions.Incomplete);
    }
}
