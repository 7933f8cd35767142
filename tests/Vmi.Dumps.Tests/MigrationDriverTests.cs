using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

public sealed class MigrationDriverTests
{
    [Fact]
    public void What_was_sent_last_counts_and_a_lacking_register_is_reported()
    {
        using var folder = new TestFolder();
        var page = Bytes.Random(4096);
        using var driver = MigrationDriver.Open(folder.Write("stream", MigrationBuilder.Whole(page)));

        Assert.Equal([new PhysicalRange(new Pa(0), 0x6000)], driver.MemoryMap);
        Assert.Equal([.. new byte[0x2000], .. page, .. new byte[0x1000], .. page, .. new byte[0x1000]], driver.Read(0, 0x7000));
        Assert.Equal(page, driver.ReadPage(new Gfn(4))!.ToArray());
        Assert.True(driver.ReadPage(new Gfn(4))!.IsMapped);
        var registers = (Amd64Registers)driver.GetRegisters(default);
        // Neither CR2, CR3 and CR4 nor DR1 to DR7 are described: the groups they are in are lacking.
        Assert.Equal(Amd64RegisterGroups.Cr8, registers.Available);
        Assert.Equal(5UL, registers[Amd64Register.Cr8]);
        Assert.Throws<RegisterNotAvailableException>(() => registers[Amd64Register.Cr0]);
    }

    [Fact]
    public void Pages_that_were_not_sent_are_missing()
    {
        using var folder = new TestFolder();
        var page = Bytes.Random(4096);
        var stream = new MigrationBuilder().Configuration("pc-i440fx-7.2").Start("ram").RamSizes(("pc.ram", 5), ("pc.bios", 1))
            .Page("pc.ram", 1, page).Zero(null, 2).Page("pc.bios", 0, page).UInt64(0x10).Footer().End();
        using var driver = MigrationDriver.Open(folder.Write("stream", stream));

        Assert.Equal([new PhysicalRange(new Pa(0x1000), 0x2000), new PhysicalRange(new Pa(0xfffff000), 0x1000)], driver.MemoryMap);
        Assert.Equal(page, driver.Read(0xfffff000, 0x2000));
        Assert.Empty(driver.Read(0, 8));
        // Without a description there are no registers, and no count of vCPUs.
        Assert.Equal(0, driver.Info.Vcpus);
    }

    [Fact]
    public void Mapped_RAM_has_the_pages_that_its_bitmap_names()
    {
        using var folder = new TestFolder();
        var page = Bytes.Random(4096);
        using var driver = MigrationDriver.Open(folder.Write("stream", MigrationBuilder.Mapped(page)));
        Assert.Equal([new PhysicalRange(new Pa(0), 0x4000)], driver.MemoryMap);
        Assert.Equal([.. new byte[4096], .. page, .. new byte[8192]], driver.Read(0, 0x4001));

        Refuses("has mapped RAM of version 2 in pages of 4096 bytes, which Vmi does not read.", MigrationBuilder.Mapped(page, version: 2));
        Refuses("is corrupt: a place of RAM block pc.ram that can't be", MigrationBuilder.Mapped(page, bitmap: 16));
        Refuses("is corrupt: a place of RAM block pc.ram that can't be", MigrationBuilder.Mapped(page, content: 1UL << 63));
        Refuses("is corrupt: a place of RAM block pc.ram that can't be", MigrationBuilder.Mapped(page, bitmap: 8192));
        Refuses("is truncated: the page at 0x1000 of RAM block pc.ram is missing.", MigrationBuilder.Mapped(page)[..12300]);
    }

    [Fact]
    public void The_window_of_PCI_devices_in_the_ACPI_tables_says_where_low_RAM_ends()
    {
        // By the machine's type all 4 MiB would be low.
        const int Pages = 1024;
        Assert.Equal([new PhysicalRange(new Pa(0), 0x200000), new PhysicalRange(new Pa(1UL << 32), 0x200000)], MapOf(0x200000, 0xfebfffff));
        // Not a page's border, beyond the RAM, or of another length than it says: not believed.
        PhysicalRange[] whole = [new(new Pa(0), Pages << 12)];
        Assert.Equal(whole, MapOf(0x200010, 0xfebfffff));
        Assert.Equal(whole, MapOf(0x800000, 0xfebfffff));
        Assert.Equal(whole, MapOf(0x200000, 0xfebfffff, wrong: 1));

        static IReadOnlyList<PhysicalRange> MapOf(uint first, uint last, uint wrong = 0)
        {
            using var folder = new TestFolder();
            byte[] tables =
            [
                .. new byte[100], 0x87, 0x17, 0, 0, 12, 1, .. new byte[4], .. BitConverter.GetBytes(first), .. BitConverter.GetBytes(last),
                .. new byte[4], .. BitConverter.GetBytes(last - first + 1 + wrong), .. new byte[4096 - 126],
            ];
            var builder = new MigrationBuilder().Configuration("pc-q35-7.2").Start("ram")
                .RamSizes(("pc.ram", Pages), ("/rom@etc/acpi/tables", 1)).Page("/rom@etc/acpi/tables", 0, tables).Zero("pc.ram", 0);
            for (var page = 1UL; page < Pages; page++)
                builder.Zero(null, page);
            using var driver = MigrationDriver.Open(folder.Write("stream", builder.UInt64(0x10).Footer().End()));
            return driver.MemoryMap;
        }
    }

    [Fact]
    public void NUMA_nodes_of_libvirt_follow_each_other_and_a_memory_device_is_named_as_missing()
    {
        using var folder = new TestFolder();
        byte[] first = Bytes.Random(4096), second = Bytes.Random(4096, 2);
        using var numa = MigrationDriver.Open(folder.Write("numa", new MigrationBuilder().Configuration("pc-q35-7.2").Start("ram")
            .RamSizes(("/objects/ram-node1", 2), ("/objects/ram-node0", 1)).Page("/objects/ram-node0", 0, first)
            .Page("/objects/ram-node1", 0, second).Zero(null, 1).UInt64(0x10).Footer().End()));
        Assert.Equal([.. first, .. second, .. new byte[4096]], numa.Read(0, 0x3001));

        using var device = MigrationDriver.Open(folder.Write("device", new MigrationBuilder().Configuration("pc-q35-7.2").Start("ram")
            .RamSizes(("pc.ram", 1), ("/objects/mem1", 1)).Page("pc.ram", 0, first).Page("/objects/mem1", 0, second)
            .UInt64(0x10).Footer().End()));
        Assert.Equal(first, device.Read(0, 0x1001));
        Assert.Equal("QEMU migration (without /objects/mem1: a memory device whose address is not in the stream) device", device.Name);
    }

    [Fact]
    public void A_VGA_adapter_covers_its_part_of_RAM()
    {
        using var folder = new TestFolder();
        var builder = new MigrationBuilder().Configuration("pc-q35-7.2").Start("ram")
            .RamSizes(("pc.ram", 256), ("0000:00:01.0/vga.vram", 1)).Zero("pc.ram", 0);
        for (var page = 1UL; page < 256; page++)
            builder.Zero(null, page);
        using var driver = MigrationDriver.Open(folder.Write("stream", builder.UInt64(0x10).Footer().End()));

        Assert.Equal([new PhysicalRange(new Pa(0), 0xa0000), new PhysicalRange(new Pa(0xc0000), 0x40000)], driver.MemoryMap);
    }

    [Fact]
    public void How_far_it_is_is_reported()
    {
        using var folder = new TestFolder();
        var builder = new MigrationBuilder().Configuration("pc-q35-7.2").Start("ram").RamSizes(("pc.ram", 40_000)).Zero("pc.ram", 0);
        for (var page = 1UL; page < 40_000; page++)
            builder.Zero(null, page);
        var reports = new Reports();
        using var driver = MigrationDriver.Open(folder.Write("stream", builder.UInt64(0x10).Footer().End()), null, reports);

        Assert.Equal(3, reports.Seen.Count);
        Assert.Equal(reports.Seen.Order(), reports.Seen);
        Assert.Equal(1, reports.Seen[^1]);
    }

    [Fact]
    public void What_is_not_read_is_refused_by_name()
    {
        Refuses("is QEMU's migration stream in version 2; Vmi reads version 3.", new MigrationBuilder(2).End());
        Refuses("has pages as differences (xbzrle); Vmi reads QEMU's migration stream without that capability.", Flags(0x40));
        Refuses("has compressed pages (compress); Vmi reads QEMU's migration stream without that capability.", Flags(0x100));
        Refuses("has pages sent over other connections (multifd); Vmi reads QEMU's", Flags(0x200));
        Refuses("has a section that Vmi does not read (block): it was saved with its disks?", new MigrationBuilder().Start("block").End());
        Refuses("was written with the migration capability x-ignore-shared; Vmi reads QEMU's migration stream without it.",
            new MigrationBuilder().Configuration("pc").Bytes(5).Name("configuration/capabilities").UInt32(1).UInt32(1)
                .Name("x-ignore-shared").End());
        Refuses("is of a machine (isapc) of which Vmi does not know where its RAM above 2 GiB is.", Ram("isapc", ("pc.ram", 600_000)));
        Refuses("has several blocks of RAM (ram0, ram1: NUMA nodes?), and a migration stream does not say at which addresses.",
            Ram("pc-q35-7.2", ("ram0", 1), ("ram1", 1), ("pc.bios", 1)));
        Refuses("is a migration stream without a machine's RAM.", new MigrationBuilder().End());

        static byte[] Flags(uint flags) =>
            new MigrationBuilder().Start("ram").RamSizes(("pc.ram", 1)).Record("pc.ram", 0, flags).Bytes(new byte[64]).End();

        static byte[] Ram(string machine, params (string, int)[] blocks) =>
            new MigrationBuilder().Configuration(machine).Start("ram").RamSizes(blocks).UInt64(0x10).Footer().End();
    }

    [Fact]
    public void Truncated_and_corrupt_streams_are_refused()
    {
        var whole = MigrationBuilder.Whole(new byte[4096]);
        Refuses("is truncated: the migration stream ends at offset 5000.", whole[..5000]);
        Refuses("is corrupt: a page of RAM block x, which there is not, before offset ", Ram(builder => builder.Zero("x", 0)));
        Refuses("is corrupt: a page at 0x1000 of its RAM block, beyond its end, before offset ", Ram(builder => builder.Zero("pc.ram", 1)));
        Refuses("is corrupt: a page at 0x0 of its RAM block, beyond its end, before offset ", Ram(builder => builder.Zero(null, 0)));
        Refuses("is corrupt: a second list of RAM blocks before offset ", Ram(builder => builder.RamSizes(("pc.ram", 1))));
        Refuses("is corrupt: no footer of section 2 before offset ", Ram(builder => builder.UInt64(0x10).Bytes(new byte[8])));
        Refuses("is corrupt: the description at the end does not go with the section of cpu 1 before offset ",
            Ram(builder => builder.UInt64(0x10).Footer().Full("cpu", 1), """{"devices": [{"name": "cpu", "instance_id": 0}]}"""));
        Refuses("is corrupt: the description at its end can't be read.", Ram(builder => builder.UInt64(0x10).Footer(), "{{}"));
        Refuses("is corrupt: the description at its end can't be read.",
            Ram(builder => builder.UInt64(0x10).Footer(), """{"devices": 1}"""));
        foreach (var fields in (string[])["""[{"name": "x", "size": -1}]""", """[{"size": 1}]""", "1", """[{"name": 5, "size": 1}]"""])
        {
            Refuses("is corrupt: the description at its end has not the form of one.",
                Ram(builder => builder.UInt64(0x10).Footer().Full("cpu", 0),
                    $$"""{"devices": [{"name": "cpu", "instance_id": 0, "fields": {{fields}}}]}"""));
        }

        static byte[] Ram(Func<MigrationBuilder, MigrationBuilder> more, string? description = null) =>
            more(new MigrationBuilder().Configuration("pc").Start("ram").RamSizes(("pc.ram", 1))).End(description);
    }

    [Fact]
    public void Arrays_of_empty_structures_within_each_other_are_not_walked_to_their_end()
    {
        using var folder = new TestFolder();
        var fields = "[]";
        for (var depth = 0; depth < 10; depth++)
            fields = $$$"""[{"name": "x", "size": 0, "array_len": 65536, "struct": {"fields": {{{fields}}}}}]""";
        var stream = new MigrationBuilder().Configuration("pc").Start("ram").RamSizes(("pc.ram", 1)).Zero("pc.ram", 0).UInt64(0x10).Footer()
            .Full("cpu", 0).Footer().End($$"""{"devices": [{"name": "cpu", "instance_id": 0, "fields": {{fields}}}]}""");
        using var driver = MigrationDriver.Open(folder.Write("stream", stream));

        Assert.Equal(Amd64RegisterGroups.None, ((Amd64Registers)driver.GetRegisters(default)).Available);
    }

    [Fact]
    public void The_pages_are_bounded()
    {
        using var folder = new TestFolder();
        var path = folder.Write("stream", new MigrationBuilder().Configuration("pc").Start("ram").RamSizes(("pc.ram", 5000)).End());
        Assert.EndsWith("has more than 2 MiB of RAM (VmiLimits.TableBytes).",
            Assert.Throws<VmiFormatException>(() => MigrationDriver.Open(path, new VmiLimits { TableBytes = 8000 })).Message);
    }

    private static void Refuses(string message, byte[] file)
    {
        using var folder = new TestFolder();
        var path = folder.Write("stream", file);
        Assert.StartsWith($"{path} {message}", RecognitionTests.Refusal(path), StringComparison.Ordinal);
    }

    private sealed class Reports : IProgress<double>
    {
        public List<double> Seen { get; } = [];

        public void Report(double value) => Seen.Add(value);
    }
}
