using System.Runtime.InteropServices;
using Vmi.Amd64;

namespace Vmi.Xen.Tests;

public sealed class PartsTests
{
    [Fact]
    public void Registers_go_into_the_record_and_back_each_to_its_own_place()
    {
        var bytes = new byte[1032];
        new Random(4).NextBytes(bytes);
        var record = MemoryMarshal.Read<HvmCpu>(bytes);
        // What the record has more bits for than the registers.
        (record.GdtrLimit, record.IdtrLimit) = (0x7f, 0xfff);
        var registers = new Amd64Registers(XenRegisters.Groups);
        registers.Renew(XenRegisters.Groups);
        RegisterRecord.Fill(registers, record, RegisterRecord.Groups);
        var places = new HashSet<int>();
        for (var register = Amd64Register.Rax; register <= Amd64Register.TscAux; register++)
        {
            if (register is Amd64Register.Cr8 or Amd64Register.Xcr0)
                continue;
            var changed = new HvmCpu();
            Assert.True(RegisterRecord.Apply(ref changed, registers, register));
            var read = new Amd64Registers(XenRegisters.Groups);
            read.Renew(XenRegisters.Groups);
            RegisterRecord.Fill(read, changed, RegisterRecord.Groups);
            Assert.DoesNotContain(register, read.Differences(registers));
            var place = MemoryMarshal.AsBytes(new ReadOnlySpan<HvmCpu>(in changed)).IndexOfAnyExcept((byte)0);
            Assert.True(place > 0, $"{register} has no place");
            // FS and GS hold their bases too.
            if (register is not (Amd64Register.Fs or Amd64Register.Gs))
                Assert.True(places.Add(place), $"{register} shares its place");
        }

        var none = new HvmCpu();
        Assert.False(RegisterRecord.Apply(ref none, registers, Amd64Register.Cr8));
        Assert.False(RegisterRecord.Apply(ref none, registers, Amd64Register.Xcr0));
    }

    [Fact]
    public void Segments_have_their_access_rights_unpacked()
    {
        var registers = new Amd64Registers(XenRegisters.Groups);
        registers.Renew(XenRegisters.Groups);
        // 64-bit kernel code: type 11, S, P, L, G, as Xen packs it.
        RegisterRecord.Fill(
            registers, new HvmCpu { CsArbytes = 0xA9B, CsLimit = uint.MaxValue, CsSel = 0x10 }, Amd64RegisterGroups.Segments);
        Assert.True(registers.Cs is { LongMode: true, Present: true, IsCode: true, Granularity: true, DefaultBig: false, Dpl: 0 });
    }

    [Fact]
    public void The_running_hypervisors_library_comes_first_and_then_the_newest()
    {
        Assert.Equal("libxenctrl.so.4.17", XenLibraries.Candidates(XenLibraries.Control, "4.17").First());
        var unknown = XenLibraries.Candidates(XenLibraries.Control, null).ToList();
        Assert.True(unknown.IndexOf("libxenctrl.so.4.20") < unknown.IndexOf("libxenctrl.so.4.17"));
        Assert.DoesNotContain("libxenctrl.so.4.16", unknown);
        Assert.Equal(["libxenevtchn.so.1"], XenLibraries.Candidates(XenLibraries.EventChannel, "4.20"));
    }

    [Fact]
    public void Where_there_is_no_Xen_one_line_says_so()
    {
        var error = Assert.Throws<VmiDriverException>(() => XenDriver.Open("1"));
        Assert.Contains("Xen", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("7", 7u)]
    [InlineData("debian", null)]
    [InlineData("7up", null)]
    [InlineData("-7", null)]
    public void A_target_is_a_number_or_a_name(string text, uint? id) => Assert.Equal(id, XenTarget.Parse(text).Id);

    [Fact]
    public void An_empty_target_is_refused() => Assert.Throws<VmiDriverException>(() => XenTarget.Parse(""));
}
