namespace Vmi.Dumps.Tests;

public sealed class ElfCoreDriverTests
{
    [Fact]
    public void Segments_lie_at_their_physical_addresses()
    {
        using var folder = new TestFolder();
        byte[] low = Bytes.Random(0x3000, 1), high = Bytes.Random(0x2000, 2);
        var file = new ElfBuilder().Vcpu().Vcpu().Load(0, low, virtualAddress: 0xffff888000000000).Load(0x1_0000_0000, high).Build();
        using var driver = MemoryFile.Open(folder.Write("memory.elf", file));

        Assert.IsType<ElfCoreDriver>(driver);
        Assert.Equal("ELF vmcore memory.elf", driver.Name);
        Assert.Equal(new VmiInfo(new Gfn(0x100001), 2), driver.Info);
        Assert.Equal([new PhysicalRange(new Pa(0), 0x3000), new PhysicalRange(new Pa(0x1_0000_0000), 0x2000)], driver.MemoryMap);
        Assert.Equal(low, driver.Read(0, 0x4000));
        Assert.Equal(high[1..], driver.Read(0x1_0000_0001, 0x4000));
        Assert.Equal(high[..0x1000], driver.ReadPage(new Gfn(0x100000))!.ToArray());
        Assert.Null(driver.ReadPage(new Gfn(3)));
    }

    [Fact]
    public void With_paging_the_segments_that_show_the_same_memory_become_one()
    {
        // As QEMU's paging variant: the data once, and a segment for each virtual mapping of it, in order of virtual addresses.
        using var folder = new TestFolder();
        var memory = Bytes.Random(0x8000);
        var builder = new ElfBuilder().Vcpu().Load(0, memory, virtualAddress: 0xffff888000000000);
        var data = (ulong)(builder.Build().Length - memory.Length + (5 * 56));
        builder.Load(0x1000, memory[0x1000..0x3000], offset: data + 0x1000, virtualAddress: 0x400000)
            .Load(0x1000, memory[0x1000..0x3000], offset: data + 0x1000, virtualAddress: 0x800000)
            .Load(0x7000, memory[0x7000..], offset: data + 0x7000, virtualAddress: 0xffffffff81000000)
            .Load(0xfe000000, [], memoryBytes: 0x1000, offset: ulong.MaxValue)
            .Load(0x10000, [], memoryBytes: 0x1000);
        using var driver = ElfCoreDriver.Open(folder.Write("memory.elf", builder.Build()));

        Assert.Equal([new PhysicalRange(new Pa(0), 0x8000)], driver.MemoryMap);
        Assert.Equal(memory, driver.Read(0, 0x10000));
        Assert.True(driver.TryGetSpan(new Pa(0), 0x8000, out _));
    }

    [Fact]
    public void Mapped_pieces_in_any_order_join_where_memory_and_file_go_on()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(0x4000);
        var builder = new ElfBuilder().Vcpu().Load(0x3000, memory[0x3000..]).Load(0x1000, memory[0x1000..0x2000]).Load(0, memory[..0x1000])
            .Load(0x1800, memory[0x1800..0x3000]);
        using var driver = ElfCoreDriver.Open(folder.Write("memory.elf", builder.Build()));

        Assert.Equal([new PhysicalRange(new Pa(0), 0x4000)], driver.MemoryMap);
        Assert.Equal(memory, driver.Read(0, 0x10000));
        Assert.Equal(memory[0x1000..0x2000], driver.ReadPage(new Gfn(1))!.ToArray());
        Assert.False(driver.TryGetSpan(new Pa(0x1800), 0x1000, out _));
    }

    [Fact]
    public void Memory_beyond_the_bytes_in_the_file_is_missing_not_zero()
    {
        using var folder = new TestFolder();
        var memory = Bytes.Random(0x1800);
        var file = new ElfBuilder().Vcpu().Load(0, memory, memoryBytes: 0x4000).Build();
        using var driver = ElfCoreDriver.Open(folder.Write("memory.elf", file));

        Assert.Equal(memory, driver.Read(0, 0x4000));
        Assert.Null(driver.ReadPage(new Gfn(1)));
    }

    [Fact]
    public void The_number_of_segments_may_stand_in_section_0()
    {
        using var folder = new TestFolder();
        var builder = new ElfBuilder { CountInSection = true }.Vcpu();
        for (var i = 0u; i < 70_000; i++)
            builder.Load(i * 0x2000UL, [(byte)i, (byte)(i >> 8)]);
        var path = folder.Write("memory.elf", builder.Build());
        using var driver = ElfCoreDriver.Open(path);

        Assert.Equal(70_000, driver.MemoryMap.Count);
        Assert.Equal([unchecked((byte)69_999), 69_999 >> 8 & 0xff], driver.Read(69_999UL * 0x2000, 16));
        Assert.EndsWith("has 70001 ELF segments, more than the limit of 70000 (VmiLimits.Segments).",
            Assert.Throws<VmiFormatException>(() => ElfCoreDriver.Open(path, new VmiLimits { Segments = 70_000 })).Message);
    }

    [Fact]
    public void VMCOREINFO_is_the_note_s_text()
    {
        using var folder = new TestFolder();
        using var with = ElfCoreDriver.Open(folder.Write("with.elf",
            new ElfBuilder().Vcpu().Note("VMCOREINFO", 0, "OSRELEASE=6.1.0\nPAGESIZE=4096\n\0"u8).Load(0, new byte[64]).Build()));
        using var without = ElfCoreDriver.Open(folder.Write("without.elf", new ElfBuilder().Vcpu().Load(0, new byte[64]).Build()));

        Assert.Equal("OSRELEASE=6.1.0\nPAGESIZE=4096\n", with.VmCoreInfo);
        Assert.Null(without.VmCoreInfo);
        Assert.IsAssignableFrom<IVmCoreInfo>(with);
    }

    [Fact]
    public void The_vmcore_of_a_crashed_kernel_has_the_registers_of_NT_PRSTATUS()
    {
        using var folder = new TestFolder();
        var file = new ElfBuilder().Note("CORE", 1, new byte[336]).Note("VMCOREINFO", 0, "A=1\n"u8).Load(0, new byte[64]).Build();
        using var driver = ElfCoreDriver.Open(folder.Write("vmcore", file));

        Assert.Equal((1, "A=1\n"), (driver.Info.Vcpus, driver.VmCoreInfo));
        Assert.Equal(Amd64.Amd64RegisterGroups.General, ((Amd64.Amd64Registers)driver.GetRegisters(default)).Available);
    }

    [Fact]
    public void Only_the_ELF_vmcore_has_registers()
    {
        Assert.True(typeof(IVmiQueryRegisters).IsAssignableFrom(typeof(ElfCoreDriver)));
        Assert.False(typeof(IVmiQueryRegisters).IsAssignableFrom(typeof(RawDriver)));
        Assert.False(typeof(IVmiQueryRegisters).IsAssignableFrom(typeof(LimeDriver)));
    }
}
