using System.Globalization;

namespace Vmi.Dumps;

/// <summary>Where QEMU's PC machines put the RAM blocks that they migrate (hw/i386/pc.c, pc_piix.c, pc_q35.c).</summary>
internal static class PcMemory
{
    private const string LibvirtNode = "/objects/ram-node";
    private const ulong FourGiB = 1UL << 32;
    private const ulong AlwaysLow = 0x80000000;
    private const ulong VgaStart = 0xa0000, VgaEnd = 0xc0000;

    /// <summary>The memory of a machine, and the names of the blocks of which it can't be told where they are.</summary>
    /// <exception cref="VmiFormatException">It can't be told where its RAM is, or there are too many ranges.</exception>
    public static (List<FileRun> Runs, List<string> Missing) Runs(RamPages pages, string machine, VmiLimits limits)
    {
        var candidates = pages.Blocks.FindAll(IsMachineRam);
        var main = Main(candidates, pages.Path);
        var total = (ulong)main.Sum(block => block.Length);
        var low = PciHole.Start(pages) is { } hole && hole <= total ? hole : LowBytes(machine, total, pages.Path);
        var runs = new List<FileRun>();
        // A VGA adapter covers this part of RAM.
        if (pages.Blocks.Exists(block => block.Name.EndsWith("vga.vram", StringComparison.Ordinal)) && low > VgaEnd)
        {
            AddRam(0, 0, VgaStart);
            AddRam(VgaEnd, VgaEnd, low - VgaEnd);
        }
        else
        {
            AddRam(0, 0, low);
        }
        AddRam(FourGiB, low, total - low);
        if (pages.Blocks.Find(block => block.Name == "pc.bios") is { } firmware && (ulong)firmware.Length <= FourGiB - low)
            Add(FourGiB - (ulong)firmware.Length, (ulong)firmware.Length, firmware.Start);
        return (runs, [.. candidates.Except(main).Select(block => block.Name)]);

        // A piece of the machine's RAM, which may lie in several blocks.
        void AddRam(ulong start, ulong offset, ulong length)
        {
            foreach (var block in main)
            {
                var inBlock = Math.Min((ulong)block.Length, offset);
                var bytes = Math.Min((ulong)block.Length - inBlock, length);
                Add(start, bytes, block.Start + (long)inBlock);
                offset -= inBlock;
                start += bytes;
                length -= bytes;
            }
        }

        // The pages of a piece that were sent: a balloon driver may have told QEMU that some need not be.
        void Add(ulong start, ulong length, long offset)
        {
            for (ulong at = 0; at < length;)
            {
                var there = at;
                while (there < length && pages.Has(offset + (long)there))
                    there += Frame.Size;
                if (there > at)
                {
                    if (runs.Count >= limits.Segments)
                        throw new VmiFormatException($"{pages.Path} has more than {limits.Segments} ranges of RAM (VmiLimits.Segments).");
                    runs.Add(new FileRun(start + at, there - at, offset + (long)at));
                }
                at = there + Frame.Size;
            }
        }
    }

    /// <summary>Whether a block may be the machine's own RAM or a memory device's, not a ROM or another device's.</summary>
    private static bool IsMachineRam(RamBlock block) => block.Name is not ("pc.bios" or "pc.rom" or "vga.vram")
        && (block.Name.StartsWith("/objects/", StringComparison.Ordinal) || !block.Name.Contains('/', StringComparison.Ordinal));

    /// <summary>
    /// The machine's own RAM: `pc.ram`, the one block that is no device's, or NUMA nodes in the order of the numbers that libvirt gives
    /// them.
    /// </summary>
    private static List<RamBlock> Main(List<RamBlock> candidates, string path)
    {
        if (candidates.Find(block => block.Name == "pc.ram") is { } named)
            return [named];
        switch (candidates)
        {
            case [_]:
                return candidates;
            case []:
                throw new VmiFormatException($"{path} is a migration stream without a machine's RAM.");
        }
        var nodes = candidates.FindAll(block => NodeOf(block) is not null).OrderBy(NodeOf).ToList();
        if (nodes.Count > 0 && nodes.Select(NodeOf).SequenceEqual(Enumerable.Range(0, nodes.Count).Select(node => (int?)node)))
            return nodes;
        throw new VmiFormatException(
            $"{path} has several blocks of RAM ({candidates[0].Name}, {candidates[1].Name}: NUMA nodes?), and a migration stream "
            + "does not say at which addresses.");
    }

    private static int? NodeOf(RamBlock block) => block.Name.StartsWith(LibvirtNode, StringComparison.Ordinal)
        && int.TryParse(block.Name.AsSpan(LibvirtNode.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var node) ? node : null;

    /// <summary>The RAM that begins at address 0; the rest begins at 4 GiB.</summary>
    private static ulong LowBytes(string machine, ulong total, string path)
    {
        if (total <= AlwaysLow)
            return total;
        if (machine.StartsWith("pc-q35-", StringComparison.Ordinal))
            return total < 0xb0000000 ? total : AlwaysLow;
        if (machine.StartsWith("pc-i440fx-", StringComparison.Ordinal))
            return total < 0xe0000000 ? total : 0xc0000000;
        throw new VmiFormatException($"{path} is of a machine ({machine}) of which Vmi does not know where its RAM above 2 GiB is.");
    }
}
