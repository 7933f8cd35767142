using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Memory;

public sealed class RegionTests
{
    private const ulong Leaf = 1;
    private const ulong GapRange = 3;

    private readonly FakeGuest _guest;
    private readonly ulong _mm;

    public RegionTests()
    {
        _guest = new FakeGuest();
        _mm = _guest.AddSpace(_guest.AddProcess(1, "init"));
    }

    private LinuxProcess Process => _guest.Os.Processes()[0];

    private ulong Node(ulong type, params (ulong Pivot, ulong Slot)[] entries)
    {
        var (name, pivots) = type == GapRange ? ("maple_arange_64", 9) : ("maple_range_64", 15);
        var node = _guest.Allocate(256, 256);
        for (var i = 0; i < entries.Length; i++)
        {
            if (i < pivots)
                _guest.Write(node + _guest.Offset(name, "pivot") + (ulong)i * 8, entries[i].Pivot);
            _guest.Write(node + _guest.Offset(name, "slot") + (ulong)i * 8, entries[i].Slot);
        }

        // mte_mk_node: the type from bit 3, bit 2 as the kernel sets it.
        return node | type << 3 | 4;
    }

    /// <summary>The root carries bit 1 as the mark of a node.</summary>
    private void SetRoot(ulong node) => _guest.Set(_mm, "mm_struct", "mm_mt.ma_root", node | 2);

    private ulong Area(ulong start, ulong end, ulong flags = 3) => _guest.AddArea(_mm, start, end, flags);

    private ulong[] Tree()
    {
        var areas = new[] { Area(0x1000, 0x3000, 5), Area(0x3000, 0x4000, 0x83), Area(0x10000, 0x11000, 0) };
        var low = Node(Leaf, (0xfff, 0), (0x2fff, areas[0]), (0x3fff, areas[1]), (0x7fff, 0));
        var high = Node(Leaf, (0xffff, 0), (0x10fff, areas[2]), (0, 0));
        SetRoot(Node(GapRange, (0x7fff, low), (ulong.MaxValue, high)));
        return areas;
    }

    [Fact]
    public void A_tree_of_two_levels_is_read_in_order()
    {
        Tree();
        var regions = Process.Regions();
        Assert.Null(regions.Incomplete);
        Assert.Equal(
            ["1000-3000 r-xp", "3000-4000 rw-s", "10000-11000 ---p"],
            regions.Select(each => $"{each.Start.Value:x}-{each.End.Value:x} {each.Permissions}"));
    }

    [Theory]
    [InlineData(0x0UL, null)]
    [InlineData(0xfffUL, null)]
    [InlineData(0x1000UL, 0x1000UL)]
    [InlineData(0x2fffUL, 0x1000UL)]
    [InlineData(0x3000UL, 0x3000UL)]
    [InlineData(0x4000UL, null)]
    [InlineData(0x10fffUL, 0x10000UL)]
    [InlineData(0x11000UL, null)]
    [InlineData(ulong.MaxValue, null)]
    public void A_look_up_finds_the_region_that_holds_the_address(ulong address, ulong? start)
    {
        Tree();
        Assert.Equal(start, Process.LookupRegion(new Va(address))?.Start.Value);
        Assert.Equal(start is not null, Process.IsValidAddress(new Va(address)));
    }

    [Fact]
    public void A_region_can_be_had_by_the_address_of_its_structure()
    {
        var areas = Tree();
        Assert.Equal(0x10000UL, _guest.Os.Region(new Va(areas[2])).Start.Value);
    }

    [Fact]
    public void A_tree_that_contains_itself_ends()
    {
        var area = Area(0x1000, 0x2000);
        var node = Node(GapRange, (0xfff, 0), (0x1fff, 0), (ulong.MaxValue, 0));
        _guest.Write((node & ~0xffUL) + _guest.Offset("maple_arange_64", "slot") + 16, node);
        _guest.Write((node & ~0xffUL) + _guest.Offset("maple_arange_64", "slot") + 8, Node(Leaf, (0x1fff, area)));
        SetRoot(node);
        var regions = Process.Regions();
        Assert.Contains("circle", regions.Incomplete, StringComparison.Ordinal);
        Assert.Equal(0x1000UL, Assert.Single(regions).Start.Value);
        Assert.Null(Process.LookupRegion(new Va(0x5000)));
        Assert.Null(Process.IsValidAddress(new Va(0x5000)));
    }

    [Fact]
    public void A_tree_deeper_than_any_kernel_s_ends()
    {
        var node = Node(Leaf, (ulong.MaxValue, Area(0x1000, 0x2000)));
        for (var i = 0; i < 40; i++)
            node = Node(GapRange, (ulong.MaxValue, node));
        SetRoot(node);
        Assert.Contains("too deep", Process.Regions().Incomplete, StringComparison.Ordinal);
        Assert.Null(Process.LookupRegion(new Va(0x1000)));
    }

    [Fact]
    public void Pivots_that_fall_make_the_list_partial()
    {
        SetRoot(Node(Leaf, (0x1fff, Area(0x1000, 0x2000)), (0xfff, Area(0x2000, 0x3000)), (ulong.MaxValue, 0)));
        Assert.Contains("out of order", Process.Regions().Incomplete, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_is_not_there_takes_away_only_its_own_regions()
    {
        var area = Area(0x10000, 0x11000);
        var leaf = Node(Leaf, (0xffff, 0), (0x10fff, area), (0, 0));
        SetRoot(Node(GapRange, (0x7fff, 0xffff_9999_0000_0000 | Leaf << 3 | 4), (ulong.MaxValue, leaf)));
        var regions = Process.Regions();
        Assert.Contains("is not there", regions.Incomplete, StringComparison.Ordinal);
        Assert.Equal(0x10000UL, Assert.Single(regions).Start.Value);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x406UL)]
    [InlineData(0x1000UL)]
    [InlineData(0xffff_8880_0000_0001UL)]
    public void A_root_that_is_no_node_is_an_empty_tree(ulong root)
    {
        _guest.Set(_mm, "mm_struct", "mm_mt.ma_root", root);
        Assert.Empty(Process.Regions());
        Assert.Null(Process.LookupRegion(new Va(0)));
    }

    [Fact]
    public void Heap_stack_and_the_kernel_s_own_mappings_have_names()
    {
        var areas = Tree();
        _guest.Set(_mm, "mm_struct", "start_brk", 0x1000);
        _guest.Set(_mm, "mm_struct", "brk", 0x2000);
        _guest.Set(_mm, "mm_struct", "start_stack", 0x3ff0);
        var operations = _guest.Allocate("vm_operations_struct");
        _guest.Set(operations, "vm_operations_struct", "name", FakeGuest.SpecialMappingName);
        var mapping = _guest.Allocate("vm_special_mapping");
        _guest.Set(mapping, "vm_special_mapping", "name", _guest.Text("[vvar]"));
        _guest.Set(areas[2], "vm_area_struct", "vm_ops", operations);
        _guest.Set(areas[2], "vm_area_struct", "vm_private_data", mapping);
        Assert.Equal(["[heap]", "[stack]", "[vvar]"], Process.Regions().Select(each => each.Path));
        Assert.All(Process.Regions(), each => Assert.True(each.IsPrivate));
    }

    [Fact]
    public void A_named_anonymous_region_shows_its_name()
    {
        var areas = Tree();
        var name = _guest.Allocate(32);
        _guest.Write(name + _guest.Offset("anon_vma_name", "name"), "a pool\0"u8);
        _guest.Set(areas[1], "vm_area_struct", "anon_name", name);
        Assert.Equal("[anon:a pool]", Process.Regions()[1].Path);
    }
}
