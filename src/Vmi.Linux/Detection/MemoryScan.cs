using System.Buffers.Binary;
using System.Text;
using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// One pass over physical memory, for a source that has neither registers nor a note. It looks for two things: VMCOREINFO, which begins
/// a frame of the kernel, and the kernel's own page tables, `init_top_pgt`: the one root that lies inside the very image it maps.
/// </summary>
internal sealed class MemoryScan(VmiCore memory)
{
    /// <summary>Candidates examined, of either kind: a hostile guest may plant any number.</summary>
    public const int MaxCandidates = 64;

    private const int BlockLength = 1 << 20;
    private const int LastEntry = 511 * sizeof(ulong);
    private const int NoteHeaderLength = 24; // Elf64_Nhdr and "VMCOREINFO", padded
    private const ulong LargePage = 1 << 21;
    private const ulong EntrySpan = LargePage / sizeof(ulong);

    private static ReadOnlySpan<byte> TextStart => "OSRELEASE="u8;

    /// <summary>Whether there were more candidates than are looked at.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>What was found, each candidate once.</summary>
    public IReadOnlyCollection<KernelCandidate> Run()
    {
        var found = new List<KernelCandidate>();
        var seen = new HashSet<Pa>();
        var copy = new byte[BlockLength];
        var reader = (IVmiRead)memory.Driver;
        foreach (var range in reader.MemoryMap)
        {
            for (var at = new Pa((range.Start.Value + (Frame.Size - 1)) & ~(Frame.Size - 1UL)); range.Contains(at) && !IsCutShort;)
            {
                var length = (int)Math.Min(BlockLength, range.End - at);
                if (!reader.TryGetSpan(at, length, out var block))
                {
                    var read = reader.Read(at, copy.AsSpan(0, length));
                    block = copy.AsSpan(0, read);
                    // What is missing ends a read: its frame is left out.
                    if (read < length)
                        length = (read | (Frame.Size - 1)) + 1;
                }

                for (var offset = 0; offset + Frame.Size <= block.Length; offset += Frame.Size)
                    Look(block.Slice(offset, Frame.Size), at + (ulong)offset, found, seen);
                GC.KeepAlive(reader);
                at += (ulong)length;
            }
        }

        return found;
    }

    private void Look(ReadOnlySpan<byte> frame, Pa address, List<KernelCandidate> found, HashSet<Pa> seen)
    {
        if (new PageTableEntry(BinaryPrimitives.ReadUInt64LittleEndian(frame[LastEntry..])).Present)
        {
            Add(new KernelCandidate(address, PagingMode.FourLevel, "scan"), found, seen);
            Add(new KernelCandidate(address, PagingMode.FiveLevel, "scan"), found, seen);
        }

        // Its release is not held against the kernel: a forged text that names the real page tables must not hide them.
        if ((frame.StartsWith(TextStart) || frame[NoteHeaderLength..].StartsWith(TextStart))
            && VmCoreInfo.TryParse(TextOf(frame)) is { Root: { } root } info)
            Add(new KernelCandidate(root, info.PagingMode, "VMCOREINFO in memory"), found, seen);
    }

    /// <summary>
    /// Keeps a candidate if it lies in the image that it maps, and none before it maps the same one: all roots share its tables.
    /// </summary>
    private void Add(KernelCandidate candidate, List<KernelCandidate> found, HashSet<Pa> seen)
    {
        if (!ImageMap.TryFindMiddle(memory, candidate.Root, candidate.Mode, out var middle, out _)
            || !LiesInImage(candidate.Root, middle, candidate.Mode) || !seen.Add(middle))
            return;
        if (found.Count < MaxCandidates)
            found.Add(candidate);
        else
            IsCutShort = true;
    }

    /// <summary>Whether a root lies in the image that a page directory maps, from its first entry on as far as it is contiguous.</summary>
    private bool LiesInImage(Pa root, Pa middle, PagingMode mode)
    {
        Span<byte> bytes = stackalloc byte[Frame.Size];
        if (!memory.TryRead(middle, bytes, out _))
            return false;
        Pa? start = null;
        for (var i = 0; i < Frame.Size; i += sizeof(ulong))
        {
            var entry = new PageTableEntry(BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]));
            if (!entry.Present || entry.HasReservedBits(2, mode))
                continue;
            var isLarge = entry.IsLeaf(2, mode);
            start ??= (isLarge ? entry.Target(2, mode) : FirstPage(entry.Target(2, mode), mode)) - (ulong)i * EntrySpan;
            var here = start.Value + (ulong)i * EntrySpan;
            // Pieces of 4 KiB pages are looked at later, with all else.
            if (isLarge && entry.Target(2, mode) != here)
                return false;
            if (root >= here && root - here < LargePage)
                return true;
        }

        return false;
    }

    private Pa FirstPage(Pa table, PagingMode mode) =>
        memory.TryReadUInt64(table, out var page, out _) ? new PageTableEntry(page).Target(1, mode) : default;

    private static string TextOf(ReadOnlySpan<byte> frame)
    {
        var text = frame[frame.IndexOf(TextStart)..];
        var end = text.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? text : text[..end]);
    }
}
