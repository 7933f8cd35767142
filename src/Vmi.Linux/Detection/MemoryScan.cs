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

    /// <summary>Images whose page tables are read: up to 2 MiB of tables each.</summary>
    private const int MaxImages = 1024;

    private readonly List<KernelCandidate> _found = [];
    private readonly HashSet<string> _rejected = [];

    /// <summary>Where the image lies that the tables below a page directory map; null if they map none, or it has its candidate.</summary>
    private readonly Dictionary<(Pa Middle, ImageMap.Rights Rights, PagingLevels Levels), PhysicalRange?> _images = [];

    private static ReadOnlySpan<byte> TextStart => "OSRELEASE="u8;

    /// <summary>Whether there were more candidates than are looked at.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>Why page tables that were looked at are no kernel's.</summary>
    public IReadOnlyCollection<string> Rejected => _rejected;

    /// <summary>What was found, each candidate once.</summary>
    public IReadOnlyList<KernelCandidate> Run()
    {
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
                    Look(block.Slice(offset, Frame.Size), at + (ulong)offset);
                GC.KeepAlive(reader);
                at += (ulong)length;
            }
        }

        return _found;
    }

    private void Look(ReadOnlySpan<byte> frame, Pa address)
    {
        if (new PageTableEntry(BinaryPrimitives.ReadUInt64LittleEndian(frame[LastEntry..])).Present)
        {
            Add(new KernelCandidate(address, PagingMode.FourLevel, "scan"));
            Add(new KernelCandidate(address, PagingMode.FiveLevel, "scan"));
        }

        // Its release is not held against the kernel: a forged text that names the real page tables must not hide them.
        if ((frame.StartsWith(TextStart) || frame[NoteHeaderLength..].StartsWith(TextStart))
            && VmCoreInfo.TryParse(TextOf(frame)) is { Root: { } root } info)
            Add(new KernelCandidate(root, info.PagingMode, "VMCOREINFO in memory"));
    }

    /// <summary>
    /// Keeps a candidate if it lies in the image that it maps, and none before it maps the same one with the same rights: the roots of
    /// all processes share the kernel's tables, which are read once.
    /// </summary>
    private void Add(KernelCandidate candidate)
    {
        if (IsCutShort || !ImageMap.TryFindMiddle(memory, candidate.Root, candidate.Mode, out var middle, out var rights))
            return;
        var key = (middle, rights, candidate.Mode.Levels);
        if (!_images.TryGetValue(key, out var image))
        {
            if (_images.Count == MaxImages)
            {
                IsCutShort = true;
                return;
            }

            image = ReadImage(candidate);
            _images.Add(key, image);
        }

        if (image is not { } range || !range.Contains(candidate.Root))
            return;
        _images[key] = null;
        if (_found.Count < MaxCandidates)
            _found.Add(candidate);
        else
            IsCutShort = true;
    }

    private PhysicalRange? ReadImage(KernelCandidate candidate)
    {
        if (ImageMap.TryRead(memory, candidate.Root, candidate.Mode, out var reason) is { } map)
            return new PhysicalRange(map.PhysicalBase, map.Length);
        _rejected.Add($"{candidate.FoundBy}: {reason}");
        return null;
    }

    private static string TextOf(ReadOnlySpan<byte> frame)
    {
        var text = frame[frame.IndexOf(TextStart)..];
        var end = text.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? text : text[..end]);
    }
}
