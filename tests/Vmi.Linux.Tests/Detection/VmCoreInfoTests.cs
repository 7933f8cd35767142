using System.Text;
using CsCheck;

namespace Vmi.Linux.Tests.Detection;

/// <summary>VMCOREINFO as Documentation/admin-guide/kdump/vmcoreinfo.rst has it.</summary>
public sealed class VmCoreInfoTests
{
    private const string Sample = "OSRELEASE=6.1.0-50-cloud-amd64\nBUILD-ID=00\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=ffffffffaaa1b000\n"
        + "SYMBOL(swapper_pg_dir)=ffffffffaaa10000\nSYMBOL(_stext)=ffffffffa9000000\nNUMBER(phys_base)=-587202560\n"
        + "NUMBER(pgtable_l5_enabled)=0\nKERNELOFFSET=28000000\n";

    [Fact]
    public void The_page_tables_are_found_through_phys_base()
    {
        var info = VmCoreInfo.TryParse(Sample)!;
        Assert.Equal("6.1.0-50-cloud-amd64", info.Release);
        Assert.Equal(unchecked((ulong)-587202560), info.PhysicalOffset);
        // 0x2aa10000 above __START_KERNEL_map, 0x23000000 lower.
        Assert.Equal(new Pa(0x7a10000), info.Root);
        Assert.Equal(PagingLevels.Four, info.PagingMode.Levels);
    }

    [Fact]
    public void Five_levels_are_told_and_a_phys_base_without_sign_read()
    {
        var info = VmCoreInfo.TryParse(Sample.Replace("enabled)=0", "enabled)=1").Replace("-587202560", "18446744073122349056"))!;
        Assert.Equal(PagingLevels.Five, info.PagingMode.Levels);
        Assert.Equal(new Pa(0x7a10000), info.Root);
    }

    [Theory]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffffaaa10000", "SYMBOL(swapper_pg_dir)=ffffffffaaa10008")]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffffaaa10000", "SYMBOL(swapper_pg_dir)=1000")]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffffaaa10000", "SYMBOL(swapper_pg_dir)=ffffffffaaa10000000")]
    [InlineData("SYMBOL(swapper_pg_dir)", "SYMBOL(other)")]
    [InlineData("NUMBER(phys_base)", "NUMBER(other)")]
    [InlineData("=-587202560", "=-9223372036854775808")]
    [InlineData("=-587202560", "=twelve")]
    public void Page_tables_that_can_not_be_are_none(string what, string with) =>
        Assert.Null(VmCoreInfo.TryParse(Sample.Replace(what, with))!.Root);

    [Theory]
    [InlineData("")]
    [InlineData("no lines with a key")]
    [InlineData("OSRELEASE=\n")]
    [InlineData("PAGESIZE=4096\n")]
    public void Text_without_a_release_is_no_VMCOREINFO(string text) => Assert.Null(VmCoreInfo.TryParse(text));

    [Fact]
    public void Of_a_key_that_comes_twice_the_first_counts() =>
        Assert.Equal("1", VmCoreInfo.TryParse("OSRELEASE=1\nOSRELEASE=2\n")!.Release);

    [Fact]
    public void No_text_makes_it_fail() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 200], Gen.Bool).Sample((noise, at, insert) =>
    {
        var text = Encoding.Latin1.GetString(noise);
        var mutated = insert ? Sample.Insert(at, text) : Sample[..at] + text;
        var info = VmCoreInfo.TryParse(mutated);
        _ = info?.Root;
        _ = info?.PagingMode;
        return info is null || info.Release.Length < 65;
    }, iter: 20_000);
}
