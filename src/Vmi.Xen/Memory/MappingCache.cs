namespace Vmi.Xen;

/// <summary>Mappings that are kept, in aligned runs of <see cref="RunFrames"/> frames; one displaces another in its place.</summary>
/// <param name="capacity">How many.</param>
internal sealed class MappingCache(int capacity)
{
    /// <summary>Frames mapped together: neighbours are read soon, and 16 cost hardly more than one.</summary>
    public const int RunFrames = 16;

    private readonly ForeignMapping?[] _entries = new ForeignMapping?[capacity];

    /// <summary>The mapping that would hold a frame; null if none is kept.</summary>
    public ForeignMapping? Find(ulong gfn)
    {
        var mapping = Volatile.Read(ref _entries[IndexOf(gfn)]);
        return mapping is not null && mapping.First == First(gfn) ? mapping : null;
    }

    public void Add(ForeignMapping mapping) => Volatile.Write(ref _entries[IndexOf(mapping.First)], mapping);

    /// <summary>Lets go of the mapping that holds a frame.</summary>
    public void Forget(ulong gfn)
    {
        if (Find(gfn) is not null)
            Volatile.Write(ref _entries[IndexOf(gfn)], null);
    }

    public void Clear() => Array.Clear(_entries);

    /// <summary>The first frame of the run that a frame belongs to.</summary>
    public static ulong First(ulong gfn) => gfn & ~(RunFrames - 1UL);

    private int IndexOf(ulong gfn) => (int)((gfn / RunFrames * 0x9E3779B97F4A7C15 >> 32) % (uint)_entries.Length);
}
