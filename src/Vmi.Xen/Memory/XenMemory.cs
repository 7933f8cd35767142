using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>
/// A domain's memory by foreign mappings. Small reads come from mappings that are kept; large ones map many frames a call, copy and
/// unmap. Any thread may read.
/// </summary>
/// <remarks>
/// A kept mapping shows the page that the frame meant when it was mapped: if the guest gives the frame back (a balloon) and takes
/// another, the old page is seen until the mapping is displaced.
/// </remarks>
internal sealed unsafe class XenMemory : IDisposable
{
    private const ulong GfnLimit = 1UL << 40;   // 52-bit physical addresses
    private const int LargeFrames = 32;
    private const int MostFrames = 512;

    private readonly XenDomain _domain;
    private readonly MappingCache _cache;
    private readonly ReaderWriterLockSlim _closing = new();
    private nint _memory;

    private XenMemory(XenDomain domain, nint memory, int cachedRuns)
    {
        _domain = domain;
        _memory = memory;
        _cache = new MappingCache(cachedRuns);
    }

    /// <summary>Opens the interface for foreign mappings.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="cachedBytes">How much stays mapped, at most.</param>
    public static XenMemory Open(XenDomain domain, long cachedBytes)
    {
        var memory = XenForeignMemory.xenforeignmemory_open(QuietLogger.Instance, 0);
        var runs = (int)Math.Clamp((cachedBytes >> Frame.Shift) / MappingCache.RunFrames, 1, 1 << 20);
        return memory != 0
            ? new XenMemory(domain, memory, runs)
            : throw XenError.Last("opening foreign memory", domain.Name);
    }

    /// <summary>Copies memory; returns how many bytes there were before the first missing one.</summary>
    public int Read(ulong address, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var at = address + (ulong)done;
            var gfn = at >> Frame.Shift;
            var left = destination[done..];
            if (gfn >= GfnLimit)
                break;
            if (left.Length >= LargeFrames * Frame.Size)
            {
                var count = ReadMany(at, left);
                done += count;
                if (count == 0)
                    break;
                continue;
            }

            if (Find(gfn) is not { } mapping)
                break;
            var offset = (int)(at & (Frame.Size - 1));
            var chunk = mapping.Span(gfn)[offset..];
            chunk = chunk[..Math.Min(chunk.Length, left.Length)];
            chunk.CopyTo(left);
            GC.KeepAlive(mapping);
            done += chunk.Length;
        }

        return done;
    }

    /// <summary>A frame, mapped; null if it is not there.</summary>
    public VmiMappedPage? Page(ulong gfn) => gfn < GfnLimit ? Find(gfn)?.Page(gfn) : null;

    /// <summary>Writes memory; returns how many bytes were written before the first frame that can't be.</summary>
    public int Write(ulong address, ReadOnlySpan<byte> source)
    {
        var done = 0;
        while (done < source.Length)
        {
            var count = WriteMany(address + (ulong)done, source[done..]);
            if (count == 0)
                break;
            done += count;
        }

        return done;
    }

    /// <summary>Lets go of what is mapped of a frame that means another page from now on.</summary>
    public void Forget(ulong gfn) => _cache.Forget(gfn);

    public void Dispose()
    {
        _closing.EnterWriteLock();
        try
        {
            if (_memory != 0)
                XenForeignMemory.xenforeignmemory_close(_memory);
            _memory = 0;
            _cache.Clear();
        }
        finally
        {
            _closing.ExitWriteLock();
        }
    }

    private ForeignMapping? Find(ulong gfn)
    {
        if (_cache.Find(gfn) is { } kept && kept.Has(gfn))
            return kept;
        // Nothing kept, or the frame was missing then: it may be there now.
        _closing.EnterReadLock();
        try
        {
            var mapping = ForeignMapping.Map(Handle, _domain.Id, MappingCache.First(gfn), MappingCache.RunFrames);
            if (mapping is null)
            {
                ThrowUnlessMissing();
                return null;
            }

            _cache.Add(mapping);
            return mapping.Has(gfn) ? mapping : null;
        }
        finally
        {
            _closing.ExitReadLock();
        }
    }

    /// <summary>Maps many frames, copies what is there before the first hole, and unmaps.</summary>
    private int ReadMany(ulong address, Span<byte> destination)
    {
        var once = MapOnce(address, destination.Length, XenForeignMemory.Read);
        once.Bytes.CopyTo(destination);
        once.Unmap();
        return once.Bytes.Length;
    }

    private int WriteMany(ulong address, ReadOnlySpan<byte> source)
    {
        var once = MapOnce(address, source.Length, XenForeignMemory.ReadWrite);
        source[..once.Bytes.Length].CopyTo(once.Bytes);
        once.Unmap();
        return once.Bytes.Length;
    }

    /// <summary>Maps the frames of a range for a moment, with the bytes that there are before the first hole; at least one.</summary>
    private MappedOnce MapOnce(ulong address, int length, int protection)
    {
        var first = address >> Frame.Shift;
        var offset = (int)(address & (Frame.Size - 1));
        if (first >= GfnLimit || length == 0)
            return default;
        var frames = (int)Math.Min(Math.Min((offset + (long)length + Frame.Size - 1) >> Frame.Shift, MostFrames), (long)(GfnLimit - first));
        var gfns = stackalloc ulong[frames];
        var errors = stackalloc int[frames];
        for (var i = 0; i < frames; i++)
            gfns[i] = first + (ulong)i;
        _closing.EnterReadLock();
        try
        {
            var start = XenForeignMemory.xenforeignmemory_map(Handle, _domain.Id, protection, (nuint)frames, gfns, errors);
            if (start == null)
            {
                ThrowUnlessMissing();
                return default;
            }

            var there = new ReadOnlySpan<int>(errors, frames).IndexOfAnyExcept(0);
            if (there < 0)
                there = frames;
            if (there > 0)
                return new MappedOnce(start, frames, offset, Math.Min((there << Frame.Shift) - offset, length));
            _ = Libc.munmap(start, (nuint)frames << Frame.Shift);
            return default;
        }
        finally
        {
            _closing.ExitReadLock();
        }
    }

    private nint Handle => _memory != 0 ? _memory : throw new ObjectDisposedException(nameof(XenDriver));

    /// <summary>A map that failed as a whole: that of a domain that is gone, of a lack of something here, or just of no memory.</summary>
    private void ThrowUnlessMissing()
    {
        var error = Marshal.GetLastPInvokeError();
        _domain.Information();
        if (error is Libc.NoMemory or Libc.NotPermitted or Libc.AccessDenied)
            throw XenError.Of(error, "mapping memory", _domain.Name);
    }

    private readonly ref struct MappedOnce(byte* start, int frames, int offset, int length)
    {
        private readonly byte* _start = start;
        private readonly int _frames = frames;

        public Span<byte> Bytes { get; } = new(start + offset, length);

        public void Unmap()
        {
            if (_start != null)
                _ = Libc.munmap(_start, (nuint)_frames << Frame.Shift);
        }
    }
}
