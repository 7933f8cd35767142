using System.Buffers.Binary;

namespace Vmi.Tests.Fakes;

/// <summary>Builds 4-level page tables (Intel SDM volume 3, 4.5) in a fake machine, frames taken from <paramref name="firstTable"/> on.</summary>
internal sealed class FakePageTables(FakeMemoryDriver driver, ulong firstTable)
{
    private ulong _next = firstTable + 1;

    public Pa Root { get; } = new Gfn(firstTable).Pa;

    public void Map(ulong va, ulong pa)
    {
        var entry = EntryOf(va);
        Write(entry, pa | 0x7);
    }

    /// <summary>Maps a page of 2 MiB.</summary>
    public void MapLarge(ulong va, ulong pa) => Write(EntryOf(va, level: 2), pa | 0x87);

    public void Unmap(ulong va) => Write(EntryOf(va), 0);

    /// <summary>The physical address of the entry of an address in the table of a level, by itself the page table.</summary>
    public Pa EntryOf(ulong va, int level = 1)
    {
        var table = Root;
        for (var above = 4; above > level; above--)
        {
            var address = table + IndexOf(va, above) * 8;
            var entry = BinaryPrimitives.ReadUInt64LittleEndian(driver.Memory[(int)address.Value..]);
            if (entry == 0)
            {
                entry = new Gfn(_next++).Pa.Value | 0x7;
                Write(address, entry);
            }

            table = new Pa(entry & 0x000f_ffff_ffff_f000);
        }

        return table + IndexOf(va, level) * 8;
    }

    private static ulong IndexOf(ulong va, int level) => (va >> (12 + (9 * (level - 1)))) & 511;

    private void Write(Pa address, ulong entry) => BinaryPrimitives.WriteUInt64LittleEndian(driver.Memory[(int)address.Value..], entry);
}
