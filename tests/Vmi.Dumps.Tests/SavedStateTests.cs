using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>What `savevm` puts into a qcow2 image: of QEMU itself, compared with what it says; and images that are none or broken.</summary>
public sealed class SavedStateTests
{
    [Fact]
    public void The_newest_snapshot_has_the_memory_and_the_registers_that_QEMU_shows()
    {
        using var folder = new TestFolder();
        var disk = folder["disk.qcow2"];
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", disk, "700M");
        using var qemu = PausedQemu.BootLongMode(folder, "-smp", "2", "-drive", $"if=none,id=disk,file={disk},format=qcow2");
        Assert.Equal("", qemu.Monitor("savevm first"));
        var earlier = ShownRegisters.Split(qemu.Monitor("info registers -a"));
        Assert.Equal("", qemu.Monitor("system_reset"));
        Assert.Equal("", qemu.Monitor("savevm second"));
        var memory = qemu.PmemSave(folder["memory.raw"], 0, PausedQemu.LongModeBytes);
        var shown = ShownRegisters.Split(qemu.Monitor("info registers -a"));
        Assert.NotEqual(earlier[0], shown[0]);

        using var driver = Assert.IsType<MigrationDriver>(MemoryFile.Open(disk));
        Assert.Equal("snapshot second of QEMU migration disk.qcow2", driver.Name);
        Assert.True(driver.Read(0, PausedQemu.LongModeBytes + 1).AsSpan().SequenceEqual(memory));
        Assert.Equal(2, driver.Info.Vcpus);
        for (ushort vcpu = 0; vcpu < 2; vcpu++)
            ShownRegisters.AssertEqual(shown[vcpu], (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu)));

        // QEMU's own tool takes the snapshot away; what is left is the first.
        File.Copy(disk, folder["copy.qcow2"]);
        Tool.Run("qemu-img", "snapshot", "-d", "second", folder["copy.qcow2"]);
        using var first = MigrationDriver.Open(folder["copy.qcow2"]);
        Assert.StartsWith("snapshot first of ", first.Name);
        ShownRegisters.AssertEqual(earlier[0], (Amd64Registers)first.GetRegisters(new VcpuId(0)));
    }

    [Fact]
    public void A_state_in_small_clusters_is_read_and_what_has_no_place_is_zero()
    {
        using var folder = new TestFolder();
        var page = Bytes.Random(4096);
        using var driver = MemoryFile.Open(folder.Write("small.qcow2", Qcow2Builder.Image(MigrationBuilder.Whole(page))));
        Assert.Equal("snapshot name of QEMU migration small.qcow2", driver.Name);
        Assert.Equal(page, driver.Read(2 * 4096, 4096));
    }

    [Fact]
    public void A_name_of_a_snapshot_that_is_no_text_is_shown_without_control_characters()
    {
        using var folder = new TestFolder();
        var image = Qcow2Builder.Image(MigrationBuilder.Whole(Bytes.Random(4096)));
        "\x1b[1m"u8.CopyTo(image.AsSpan(512 + 57));
        using var driver = MemoryFile.Open(folder.Write("hostile.qcow2", image));
        Assert.Equal("snapshot ?[1m of QEMU migration hostile.qcow2", driver.Name);
    }

    [Theory]
    [InlineData(7, 4, "of version 4")]
    [InlineData(23, 40, "2^40 bytes")]
    [InlineData(35, 1, "encrypted")]
    [InlineData(79, 2, "qemu-img check")]
    [InlineData(79, 4, "external data file")]
    [InlineData(63, 0, "no snapshot of it was made with `savevm`")]
    [InlineData(62, 255, "is corrupt: its snapshot")]
    [InlineData(522, 1, "has no more than 2 tables")]
    [InlineData(553, 1, "has a state of")]
    [InlineData(1042, 255, "its table of clusters at offset")]
    [InlineData(1536, 0x40, "compressed state")]
    public void What_can_not_be_read_is_refused_by_name(int at, byte value, string said)
    {
        using var folder = new TestFolder();
        var image = Qcow2Builder.Image(MigrationBuilder.Whole(Bytes.Random(4096)));
        image[at] = value;
        if (at == 522)
            (image[522], image[523]) = (0, 2);
        Assert.Contains(said, RecognitionTests.Refusal(folder.Write("bad.qcow2", image)));
    }
}
