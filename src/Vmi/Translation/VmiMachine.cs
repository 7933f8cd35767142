using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmi;

/// <summary>
/// What a core and all its sessions, states and contexts share: the driver, the caches, and the generation in which cached things
/// are valid.
/// </summary>
internal sealed class VmiMachine : PageTableReader
{
    private readonly IVmiRead? _reader;
    private readonly bool _isWritable;
    private readonly Architecture _architecture;
    private readonly TranslationCache _translations;
    private readonly PageCache _pages;
    private readonly FrameCopies _copies;
    private readonly FrameFilter _tableFrames = new();
    private readonly CancellationToken _readingEnds;
    private long _generation = 1;
    private long _writes;
    private int _stillness;
    private StrongBox<PagingMode>? _pagingMode;

    public VmiMachine(IVmiDriver driver, VmiCoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(driver);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TranslationCacheEntries, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PageCacheEntries, nameof(options));
        Driver = driver;
        Limits = options.Limits;
        _reader = driver as IVmiRead;
        _isWritable = driver is IVmiWrite;
        _architecture = driver.Architecture;
        _translations = new TranslationCache(options.TranslationCacheEntries);
        _pages = new PageCache(options.PageCacheEntries);
        _copies = new FrameCopies(options.PageCacheEntries);
        _stillness = driver.IsLive ? 0 : 1;
        _readingEnds = options.ReadingEnds;
        // What is cached needs no look at the token: the end makes it stale.
        _readingEnds.UnsafeRegister(static machine => ((VmiMachine)machine!).Invalidate(), this);
    }

    public IVmiDriver Driver { get; }

    public VmiLimits Limits { get; }

    public int? StringLimit { get; set; }

    public bool IsDisposed { get; set; }

    /// <summary>Pauses of our own; the VM stands still while there are any.</summary>
    public int Pauses { get; set; }

    /// <summary>The handler loop that runs, if any.</summary>
    public object? Loop { get; set; }

    private IVmiRead Reader => _reader ?? Ability<IVmiRead>("reading memory");

    /// <summary>How page tables are read where no registers say it: as vCPU 0 does, where the driver knows; else 4-level.</summary>
    public PagingMode PagingMode
    {
        get
        {
            if (_pagingMode is { } known)
                return known.Value;
            var mode = DetectPagingMode();
            // A guest that still boots has its paging to come.
            if (mode.Levels != PagingLevels.None || !Driver.IsLive)
                _pagingMode = new StrongBox<PagingMode>(mode);
            return mode;
        }
        set
        {
            _pagingMode = new StrongBox<PagingMode>(value);
            Invalidate();
        }
    }

    public T Ability<T>(string ability)
        where T : class, IVmiDriver
    {
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(VmiCore));
        return Driver as T ?? throw new VmiNotSupportedException(ability, Driver.Name);
    }

    /// <summary>Makes every cached translation and copied page stale.</summary>
    public void Invalidate() => Interlocked.Increment(ref _generation);

    public void ClearPages()
    {
        _pages.Clear();
        _copies.Clear();
        Invalidate();
    }

    /// <summary>From now on the guest can't change its memory, until the matching <see cref="EndStillness"/>.</summary>
    public void BeginStillness()
    {
        Invalidate();
        Interlocked.Increment(ref _stillness);
    }

    public void EndStillness()
    {
        Interlocked.Decrement(ref _stillness);
        Invalidate();
    }

    public bool TryTranslate(
        Va va, Pa root, PagingMode mode, out PageTranslation translation, out TranslationFault fault) =>
        TryTranslate(va, root, mode, Generation(), out translation, out fault);

    public PageWalk Walk(Va va, Pa root, PagingMode mode)
    {
        Generation();
        return _architecture.Walk(this, va, root, mode);
    }

    public bool FlushTranslation(Va va, Pa root, PagingMode mode, out Pa pa)
    {
        var found = _translations.Remove(SpaceOf(root, mode), va, Volatile.Read(ref _generation), out var translation);
        pa = translation.Pa;
        return found;
    }

    public VmiMappedPage? FlushPage(Gfn gfn)
    {
        _copies.Remove(gfn, Volatile.Read(ref _generation));
        return _pages.Remove(gfn, Volatile.Read(ref _generation));
    }

    public VmiMappedPage? ReadPage(Gfn gfn) => ReadPage(gfn, Generation());

    /// <summary>Reads physical memory; returns how many bytes there were before the first missing one.</summary>
    public int ReadPhysical(Pa address, Span<byte> destination) =>
        _readingEnds.IsCancellationRequested ? 0 : ReadPhysical(address, destination, Generation());

    /// <summary>Reads virtual memory page by page. On a fault, what was there before it is in the buffer.</summary>
    public bool TryReadVirtual(Va va, Pa root, PagingMode mode, Span<byte> destination, out TranslationFault fault)
    {
        var generation = Generation();
        while (true)
        {
            if (!TryTranslate(va, root, mode, generation, out var translation, out fault))
                return false;
            var leftInPage = (1UL << translation.PageShift) - (va.Value & ((1UL << translation.PageShift) - 1));
            var chunk = (int)Math.Min((ulong)destination.Length, leftInPage);
            var read = ReadPhysical(translation.Pa, destination[..chunk], generation);
            if (read != chunk)
            {
                fault = MissingPage(va + (ulong)read, root, translation.Pa + (ulong)read);
                return false;
            }

            if (chunk == destination.Length)
                return true;
            destination = destination[chunk..];
            va += (ulong)chunk;
            if (va.IsNull)
            {
                fault = PastTheEnd(root);
                return false;
            }
        }
    }

    public bool TryWriteVirtual(Va va, Pa root, PagingMode mode, ReadOnlySpan<byte> source, out TranslationFault fault)
    {
        var writer = Ability<IVmiWrite>("writing memory");
        while (true)
        {
            // Looked up page by page, since the write before may have changed the page tables.
            if (!TryTranslate(va, root, mode, Generation(), out var translation, out fault))
                return false;
            var leftInPage = (1UL << translation.PageShift) - (va.Value & ((1UL << translation.PageShift) - 1));
            var chunk = (int)Math.Min((ulong)source.Length, leftInPage);
            var written = WritePhysical(writer, translation.Pa, source[..chunk]);
            if (written != chunk)
            {
                fault = MissingPage(va + (ulong)written, root, translation.Pa + (ulong)written);
                return false;
            }

            if (chunk == source.Length)
                return true;
            source = source[chunk..];
            va += (ulong)chunk;
            if (va.IsNull)
            {
                fault = PastTheEnd(root);
                return false;
            }
        }
    }

    public int WritePhysical(Pa address, ReadOnlySpan<byte> source) =>
        WritePhysical(Ability<IVmiWrite>("writing memory"), address, source);

    public override bool TryReadUInt32(Pa address, out uint entry)
    {
        entry = 0;
        return TryReadEntry(address, ref entry);
    }

    public override bool TryReadUInt64(Pa address, out ulong entry)
    {
        entry = 0;
        return TryReadEntry(address, ref entry);
    }

    private bool TryReadEntry<T>(Pa address, ref T entry)
        where T : unmanaged
    {
        // What can't be written needs no note of where the tables are.
        if (_isWritable)
            _tableFrames.Add(address.Gfn);
        var reader = Reader;
        if (!reader.TryGetSpan(address, Unsafe.SizeOf<T>(), out var span))
            return ReadPhysical(address, SpanOf(ref entry), Volatile.Read(ref _generation)) == Unsafe.SizeOf<T>();
        entry = MemoryMarshal.Read<T>(span);
        GC.KeepAlive(reader);
        return true;
    }

    /// <summary>
    /// The generation that a read belongs to. On a running VM each read outside of an operation is one of its own: nothing cached
    /// before it counts.
    /// </summary>
    private long Generation()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(VmiCore));
        return MayReuse() ? Volatile.Read(ref _generation) : Interlocked.Increment(ref _generation);
    }

    private bool MayReuse() => Volatile.Read(ref _stillness) > 0 || OperationScope.IsOpenOn(this);

    private bool TryTranslate(
        Va va, Pa root, PagingMode mode, long generation, out PageTranslation translation, out TranslationFault fault)
    {
        var space = SpaceOf(root, mode);
        if (_translations.TryFind(space, va, generation, out translation))
        {
            fault = default;
            return true;
        }

        if (_readingEnds.IsCancellationRequested)
        {
            fault = new TranslationFault { Address = va.Value, Root = root, Cause = TranslationFaultCause.ReadingEnded };
            return false;
        }

        if (!_architecture.TryTranslate(this, va, root, mode, out translation, out fault))
            return false;
        _translations.Add(space, va, generation, translation);
        return true;
    }

    private int ReadPhysical(Pa address, Span<byte> destination, long generation)
    {
        var reader = Reader;
        if (reader.TryGetSpan(address, destination.Length, out var span))
        {
            span.CopyTo(destination);
            GC.KeepAlive(reader);
            return destination.Length;
        }

        // Where memory must be copied, and may be used again, whole frames are: structures lie close together.
        return destination.Length < Frame.Size && MayReuse()
            ? ReadThroughCopies(reader, address, destination, generation)
            : reader.Read(address, destination);
    }

    private int ReadThroughCopies(IVmiRead reader, Pa address, Span<byte> destination, long generation)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var at = address + (ulong)done;
            var chunk = destination.Slice(done, Math.Min(Frame.Size - at.FrameOffset, destination.Length - done));
            if (!_copies.TryRead(at.Gfn, generation, at.FrameOffset, chunk) && !TryCopy(reader, at, chunk, generation))
                return done + reader.Read(at, destination[done..]);
            done += chunk.Length;
        }

        return done;
    }

    private bool TryCopy(IVmiRead reader, Pa at, Span<byte> chunk, long generation)
    {
        var writes = Interlocked.Read(ref _writes);
        if (!_copies.TryFill(reader, at.Gfn, generation, at.FrameOffset, chunk))
            return false;
        // An own write on another thread may have come while it was copied, and found nothing to forget.
        if (Interlocked.Read(ref _writes) != writes)
            _copies.Remove(at.Gfn, generation);
        return true;
    }

    private VmiMappedPage? ReadPage(Gfn gfn, long generation)
    {
        if (_readingEnds.IsCancellationRequested)
            return null;
        if (_pages.Find(gfn, generation) is { } known)
            return known;
        var writes = Interlocked.Read(ref _writes);
        var page = Reader.ReadPage(gfn);
        if (page is null)
            return null;
        _pages.Add(page, generation);
        // An own write on another thread may have come after the copying and before the adding, and found nothing to forget.
        if (Interlocked.Read(ref _writes) != writes)
            _pages.Remove(gfn, generation);
        return page;
    }

    private int WritePhysical(IVmiWrite writer, Pa address, ReadOnlySpan<byte> source)
    {
        try
        {
            return writer.Write(address, source);
        }
        finally
        {
            // Also after a failure: a part may be written.
            if (!source.IsEmpty)
                ForgetWritten(address.Gfn, (address + (ulong)(source.Length - 1)).Gfn);
        }
    }

    private void ForgetWritten(Gfn first, Gfn last)
    {
        Interlocked.Increment(ref _writes);
        var tables = false;
        for (var gfn = first; gfn <= last; gfn += 1)
        {
            FlushPage(gfn);
            tables |= _tableFrames.MayContain(gfn);
        }

        if (tables)
        {
            // In this order: what a walk under way adds after the clearing stays noted, what it added before is stale.
            _tableFrames.Clear();
            Invalidate();
        }
    }

    private PagingMode DetectPagingMode()
    {
        if (Driver is not IVmiQueryRegisters registers)
            return PagingMode.FourLevel;
        try
        {
            return registers.GetRegisters(default).PagingMode;
        }
        catch (RegisterNotAvailableException)
        {
            return PagingMode.FourLevel;
        }
    }

    /// <summary>A root has at least 32-byte alignment: the bits below tell the paging modes of one root apart.</summary>
    private static ulong SpaceOf(Pa root, PagingMode mode) =>
        (root.Value & ~31UL) | (uint)mode.Levels | (mode.PageSizeExtensions ? 8u : 0) | (mode.NoExecute ? 16u : 0);

    private static TranslationFault MissingPage(Va va, Pa root, Pa pa) =>
        new() { Address = va.Value, Root = root, EntryAddress = pa, Cause = TranslationFaultCause.PageMissing };

    /// <summary>After the last address comes none: a pointer that reaches over it is no sound one.</summary>
    private static TranslationFault PastTheEnd(Pa root) => new() { Root = root, Cause = TranslationFaultCause.NonCanonical };

    private static Span<byte> SpanOf<T>(ref T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref value));
}
