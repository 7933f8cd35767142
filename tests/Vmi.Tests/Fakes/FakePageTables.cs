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

    public void Unmap(ulong va) => Write(EntryOf(va), 0);

    /// <summary>The physical address of the page-table entry of an address.</summary>
    public Pa EntryOf(ulong va)
    {
        var table = Root;
        for (var level = 4; level > 1; level--)
        {
            var address = table + ((va >> (12 + (9 * (level - 1)))) & 511) * 8;
            var entry = BinaryPrimitives.ReadUInt64LittleEndian(driver.Memory[(int)address.Value..]);
            if (entry == 0)
            {
                entry = new Gfn(_next++).Pa.Value | 0x7;
                Write(address, entry);
            }

            table = new Pa(entry & 0x000f_ffff_ffff_f000);
        }

        return table + ((va >> 12) & 511) * 8;
    }

    private void Write(Pa address, ulong entry) => BinaryPrimitives.WriteUInt64LittleEndian(driver.Memory[(int)address.Value..], entry);
}
