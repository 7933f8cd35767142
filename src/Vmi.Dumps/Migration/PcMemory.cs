namespace Vmi.Dumps;

/// <summary>Where QEMU's PC machines put the RAM blocks that they migrate (hw/i386/pc.c, pc_piix.c, pc_q35.c).</summary>
internal static class PcMemory
{
    private const ulong FourGiB = 1UL << 32;
    private const ulong AlwaysLow = 0x80000000;
    private const ulong VgaStart = 0xa0000, VgaEnd = 0xc0000;

    /// <summary>The memory of a machine.</summary>
    /// <exception cref="VmiFormatException">It can't be told where its RAM is, or there are too many ranges.</exception>
    public static List<FileRun> Runs(RamPages pages, string machine, VmiLimits limits)
    {
        var main = Main(pages);
        var total = (ulong)main.Length;
        var low = LowBytes(machine, total, pages.Path);
        var runs = new List<FileRun>();
        // A VGA adapter covers this part of RAM.
        if (pages.Blocks.Exists(block => block.Name.EndsWith("vga.vram", StringComparison.Ordinal)) && low > VgaEnd)
        {
            Add(0, VgaStart, main.Start);
            Add(VgaEnd, low - VgaEnd, main.Start + (long)VgaEnd);
        }
        else
        {
            Add(0, low, main.Start);
        }
        if (total > low)
            Add(FourGiB, total - low, main.Start + (long)low);
        if (pages.Blocks.Find(block => block.Name == "pc.bios") is { } firmware && (ulong)firmware.Length <= FourGiB - low)
            Add(FourGiB - (ulong)firmware.Length, (ulong)firmware.Length, firmware.Start);
        return runs;

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

    /// <summary>The machine's own RAM: `pc.ram`, or the one block that is no device's.</summary>
    private static RamBlock Main(RamPages pages)
    {
        if (pages.Blocks.Find(block => block.Name == "pc.ram") is { } named)
            return named;
        var candidates = pages.Blocks.FindAll(block => block.Name is not ("pc.bios" or "pc.rom" or "vga.vram")
            && (block.Name.StartsWith("/objects/", StringComparison.Ordinal) || !block.Name.Contains('/', StringComparison.Ordinal)));
        return candidates switch
        {
            [var only] => only,
            [] => throw new VmiFormatException($"{pages.Path} is a migration stream without a machine's RAM."),
            _ => throw new VmiFormatException(
                $"{pages.Path} has several blocks of RAM ({candidates[0].Name}, {candidates[1].Name}: NUMA nodes?), and a migration stream "
                + "does not say at which addresses."),
        };
    }

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
