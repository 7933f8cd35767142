using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// Where RAM below 4 GiB ends and the window of PCI devices begins, by the ACPI tables that QEMU made. They are migrated in a block
/// that QEMU gives no guest to write (read-only in fw_cfg), unlike the bytes of the clock's CMOS, which say it too.
/// </summary>
internal static class PciHole
{
    private const string Tables = "/rom@etc/acpi/tables";
    private const int MostTables = 2 << 20;
    private const int DescriptorBytes = 26;
    private const ulong Lowest = 1 << 20;             // below are the VGA adapter's

    /// <summary>The RAM below the window; null if the firmware has not asked for the tables yet, or there are none.</summary>
    public static ulong? Start(RamPages pages)
    {
        if (pages.Blocks.Find(block => block.Name == Tables) is not { } block)
            return null;
        var tables = new byte[Math.Min(block.Length, MostTables)];
        ReadOnlySpan<byte> rest = tables.AsSpan(0, pages.Read(block.Start, tables));
        ulong? start = null;
        // A DWord address space descriptor of memory (ACPI 6.4.3.5.2): tag, length, type, 2 flags, then granularity, first, last,
        // translation and length.
        for (int at; (at = rest.IndexOf((ReadOnlySpan<byte>)[0x87, 0x17, 0, 0])) >= 0; rest = rest[1..])
        {
            rest = rest[at..];
            if (rest.Length < DescriptorBytes)
                break;
            ulong first = Word(rest, 1), last = Word(rest, 2);
            if (Word(rest, 0) == 0 && Word(rest, 3) == 0 && Word(rest, 4) == last - first + 1
                && first >= Lowest && first % Frame.Size == 0 && !(first >= start))
                start = first;
        }
        return start;
    }

    private static uint Word(ReadOnlySpan<byte> descriptor, int number) =>
        BinaryPrimitives.ReadUInt32LittleEndian(descriptor[(6 + (number * sizeof(uint)))..]);
}
