namespace Vmi.Xen;

/// <summary>
/// Frames of a domain mapped side by side into this process, for reading. Unmapped when nothing refers to it any more, never while a
/// reader may still hold it: a page of it refers to it. A mapping keeps its pages from being freed, also when the domain is gone.
/// </summary>
internal sealed unsafe class ForeignMapping
{
    private readonly byte* _start;
    private readonly int _count;
    private readonly ulong _present;

    private ForeignMapping(ulong first, byte* start, int count, ulong present)
    {
        First = first;
        _start = start;
        _count = count;
        _present = present;
        GC.AddMemoryPressure((long)count << Frame.Shift);
    }

    ~ForeignMapping()
    {
        _ = Libc.munmap(_start, (nuint)_count << Frame.Shift);
        GC.RemoveMemoryPressure((long)_count << Frame.Shift);
    }

    /// <summary>The first frame.</summary>
    public ulong First { get; }

    /// <summary>Maps frames; null if there is no domain to map from.</summary>
    /// <param name="memory">The library's handle.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="first">The first frame.</param>
    /// <param name="count">How many, at most 64; those that do not exist leave holes.</param>
    public static ForeignMapping? Map(nint memory, uint domain, ulong first, int count)
    {
        var gfns = stackalloc ulong[count];
        var errors = stackalloc int[count];
        for (var i = 0; i < count; i++)
            gfns[i] = first + (ulong)i;
        var start = XenForeignMemory.xenforeignmemory_map(memory, domain, XenForeignMemory.Read, (nuint)count, gfns, errors);
        if (start == null)
            return null;
        var present = 0UL;
        for (var i = 0; i < count; i++)
        {
            if (errors[i] == 0)
                present |= 1UL << i;
        }

        return new ForeignMapping(first, start, count, present);
    }

    /// <summary>Whether a frame is there.</summary>
    public bool Has(ulong gfn) => gfn - First < (ulong)_count && (_present >> (int)(gfn - First) & 1) != 0;

    /// <summary>The bytes of a frame that is there. Keep the mapping reachable while the span is in use.</summary>
    public ReadOnlySpan<byte> Span(ulong gfn) => new(Pointer(gfn), Frame.Size);

    /// <summary>A frame that is there, as a page that keeps the mapping.</summary>
    public VmiMappedPage Page(ulong gfn) => new(new Gfn(gfn), Pointer(gfn), this);

    private byte* Pointer(ulong gfn) => Has(gfn)
        ? _start + ((gfn - First) << Frame.Shift)
        : throw new ArgumentOutOfRangeException(nameof(gfn), gfn, "The frame is not mapped here.");
}
