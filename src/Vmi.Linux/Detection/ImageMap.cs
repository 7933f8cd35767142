using System.Runtime.InteropServices;
using Vmi.Amd64;
using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// The kernel's image as page tables map it: what is present, for the supervisor only, between `__START_KERNEL_map` and the end of the
/// 1 GiB behind it (Documentation/arch/x86/x86_64/mm.rst), and physically contiguous, as the boot loader left it.
/// </summary>
internal sealed class ImageMap
{
    private const int Entries = 512;
    private const int UpperIndex = 510; // of __START_KERNEL_map in its PDPT
    private const ulong LargePage = 1 << 21;

    private readonly VmiMemory _memory;
    private readonly List<ImageRun> _runs = [];

    private ImageMap(VmiMemory memory, Va start, Pa physical)
    {
        _memory = memory;
        Base = start;
        PhysicalBase = physical;
    }

    /// <summary>The first byte: `_text`.</summary>
    public Va Base { get; }

    public Pa PhysicalBase { get; }

    public ulong Length => _runs[^1].End;

    /// <summary>The first page in the range that does not belong to the image: modules follow it, where KASLR is not built in.</summary>
    public Va? Stray { get; private set; }

    public IReadOnlyList<ImageRun> Runs => _runs;

    /// <summary>Follows page tables; null and the reason if they map no image. Reads at most 2 MiB of them.</summary>
    public static ImageMap? TryRead(VmiMemory memory, Pa root, PagingMode mode, out string reason)
    {
        ImageMap? map = null;
        reason = "";
        if (!TryFindMiddle(memory, root, mode, out var middle, out var upperRights))
        {
            reason = $"the page tables at {root} map nothing at {new Va(LinuxKernel.KernelMap)}";
            return null;
        }

        Span<ulong> lower = stackalloc ulong[Entries];
        Span<ulong> entries = stackalloc ulong[Entries];
        if (!TryReadTable(memory, middle, entries))
        {
            reason = $"the page table at {middle} is not in this memory";
            return null;
        }

        for (var i = 0; i < Entries; i++)
        {
            var entry = new PageTableEntry(entries[i]);
            if (!entry.Present || entry.HasReservedBits(2, mode))
                continue;
            var va = new Va(LinuxKernel.KernelMap) + (ulong)i * LargePage;
            var rights = upperRights.Below(entry);
            if (entry.IsLeaf(2, mode))
            {
                if (!TryAdd(memory, ref map, va, entry.Target(2, mode), LargePage, rights, out reason))
                    return null;
                continue;
            }

            if (!TryReadTable(memory, entry.Target(2, mode), lower))
                continue;
            for (var j = 0; j < Entries; j++)
            {
                var page = new PageTableEntry(lower[j]);
                if (!page.Present || page.HasReservedBits(1, mode))
                    continue;
                var pageVa = va + (ulong)j * Frame.Size;
                if (!TryAdd(memory, ref map, pageVa, page.Target(1, mode), Frame.Size, rights.Below(page), out reason))
                    return null;
            }
        }

        if (map is null)
            reason = $"the page tables at {root} map no kernel image";
        return map;
    }

    /// <summary>The page directory below `__START_KERNEL_map`.</summary>
    public static bool TryFindMiddle(VmiMemory memory, Pa root, PagingMode mode, out Pa middle, out Rights rights)
    {
        middle = root;
        rights = Rights.All;
        for (var level = mode.Levels == PagingLevels.Five ? 5 : 4; level >= 3; level--)
        {
            var index = level == 3 ? UpperIndex : Entries - 1;
            if (!memory.TryReadUInt64(middle + (ulong)index * sizeof(ulong), out var value, out _))
                return false;
            var entry = new PageTableEntry(value);
            if (!entry.Present || entry.HasReservedBits(level, mode) || entry.IsLeaf(level, mode))
                return false;
            rights = rights.Below(entry);
            middle = entry.Target(level, mode);
        }

        return true;
    }

    /// <summary>Where an address of the image lies in physical memory; null if it is not mapped.</summary>
    public Pa? Translate(Va address) => FindRun(address) is null ? null : PhysicalBase + (address - Base);

    /// <summary>Whether both map the same, with the same rights.</summary>
    public bool SameAs(ImageMap other) => Base == other.Base && PhysicalBase == other.PhysicalBase
        && CollectionsMarshal.AsSpan(_runs).SequenceEqual(CollectionsMarshal.AsSpan(other._runs));

    /// <summary>Reads from any part of the image.</summary>
    public bool TryRead(Va address, Span<byte> destination) => Read(address, destination, onlyReadOnly: false) == destination.Length;

    public bool TryReadUInt64(Va address, out ulong value)
    {
        value = 0;
        return TryRead(address, MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
    }

    public bool TryReadUInt32(Va address, out uint value)
    {
        value = 0;
        return TryRead(address, MemoryMarshal.AsBytes(new Span<uint>(ref value)));
    }

    /// <summary>
    /// The part that holds the kernel's tables: its read-only data. All of the image for a kernel that has none, since it boots still,
    /// or was told `rodata=off`.
    /// </summary>
    /// <param name="cancellation">Ends a search in it.</param>
    public KernelImage Tables(CancellationToken cancellation)
    {
        var onlyReadOnly = _runs.Exists(run => run.IsReadOnlyData);
        var start = onlyReadOnly ? _runs.Find(run => run.IsReadOnlyData).Offset : 0;
        var end = onlyReadOnly ? _runs.FindLast(run => run.IsReadOnlyData).End : Length;
        return new KernelImage(Base + start, end - start, (address, destination) => Read(address, destination, onlyReadOnly))
        {
            Cancellation = cancellation,
        };
    }

    private int Read(Va address, Span<byte> destination, bool onlyReadOnly)
    {
        var done = 0;
        while (done < destination.Length && FindRun(address + (ulong)done) is { } run && (!onlyReadOnly || run.IsReadOnlyData))
        {
            var offset = address + (ulong)done - Base;
            var length = (int)Math.Min((ulong)(destination.Length - done), run.End - offset);
            var physical = PhysicalBase + offset;
            if (!_memory.TryRead(physical, destination.Slice(done, length), out var fault))
                return done + (int)Math.Min(fault.Address - physical.Value, (ulong)length);
            done += length;
        }

        return done;
    }

    private ImageRun? FindRun(Va address)
    {
        var offset = address - Base;
        int low = 0, high = _runs.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var run = _runs[middle];
            if (offset < run.Offset)
                high = middle - 1;
            else if (offset >= run.End)
                low = middle + 1;
            else
                return run;
        }

        return null;
    }

    private static bool TryAdd(VmiMemory memory, ref ImageMap? map, Va va, Pa pa, ulong length, Rights rights, out string reason)
    {
        reason = "";
        if (rights.User)
        {
            reason = $"user mode may use {va}, where the kernel's image should be";
            return false;
        }

        if (map is null && (va.Value | pa.Value) % LargePage != 0)
        {
            reason = $"what is mapped first, {pa} at {va}, is not aligned to 2 MiB as a kernel's image is";
            return false;
        }

        map ??= new ImageMap(memory, va, pa);
        if (pa - map.PhysicalBase == va - map.Base)
            map.Add(new ImageRun(va - map.Base, length, rights.Writable, rights.Executable));
        else
            map.Stray ??= va;
        return true;
    }

    private void Add(ImageRun run)
    {
        if (_runs is [.., var last] && last.End == run.Offset && last.Writable == run.Writable && last.Executable == run.Executable)
            _runs[^1] = last with { Length = last.Length + run.Length };
        else
            _runs.Add(run);
    }

    private static bool TryReadTable(VmiMemory memory, Pa address, Span<ulong> entries) =>
        memory.TryRead(address, MemoryMarshal.AsBytes(entries), out _);

    /// <summary>What all levels together allow.</summary>
    internal readonly record struct Rights(bool Writable, bool User, bool Executable)
    {
        public static Rights All => new(true, true, true);

        public Rights Below(PageTableEntry entry) => new(Writable & entry.Writable, User & entry.User, Executable & !entry.NoExecute);
    }
}
