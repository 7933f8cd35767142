using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Kernel;

public sealed class XArrayTests
{
    private const ulong Internal = 2;

    private readonly FakeGuest _guest;
    private readonly ulong _array;

    public XArrayTests()
    {
        _guest = new FakeGuest(limits: VmiLimits.Default with { ListEntries = 100 });
        _array = _guest.Allocate("xarray");
    }

    [Fact]
    public void An_empty_array_has_no_entries() => Assert.Empty(Walk());

    [Fact]
    public void One_entry_alone_stands_in_the_array_itself()
    {
        Head(FakeGuest.InitTask);
        Assert.Equal([(0UL, new Va(FakeGuest.InitTask))], Walk());
    }

    [Fact]
    public void Entries_have_the_index_that_the_way_to_them_says()
    {
        var (low, high) = (Node(0), Node(0));
        var root = Node(6, (0, low | Internal), (63, high | Internal));
        Slot(low, 0, FakeGuest.InitTask);
        Slot(low, 63, FakeGuest.Modules);
        Slot(high, 5, FakeGuest.Prb);
        // A value, a sibling of slot 5, a mark of the kernel's: no pointers.
        Slot(high, 6, (7 << 1) | 1);
        Slot(high, 7, (5 << 2) | Internal);
        Slot(high, 8, (256 << 2) | Internal);
        Head(root | Internal);
        Assert.Equal(
            [(0UL, new Va(FakeGuest.InitTask)), (63UL, new Va(FakeGuest.Modules)), ((63UL * 64) + 5, new Va(FakeGuest.Prb))], Walk());
        Assert.Null(Walk().Incomplete);
    }

    [Fact]
    public void A_node_below_itself_or_below_one_that_is_no_higher_ends_that_way()
    {
        var root = Node(6);
        Slot(root, 1, root | Internal);
        Slot(root, 2, Node(6, (0, FakeGuest.Prb)) | Internal);
        Slot(root, 3, Node(0, (1, FakeGuest.Prb)) | Internal);
        Head(root | Internal);
        Assert.Equal([(193UL, new Va(FakeGuest.Prb))], Walk());
        Assert.Contains("and 1 more", Walk().Incomplete);
    }

    [Fact]
    public void A_node_that_is_not_there_leaves_the_others()
    {
        Head(Node(6, (0, 0xffff_9999_0000_0000 | Internal), (1, Node(0, (0, FakeGuest.Prb)) | Internal)) | Internal);
        Assert.Equal([(64UL, new Va(FakeGuest.Prb))], Walk());
        Assert.Contains("0xffff999900000000", Walk().Incomplete);
    }

    [Fact]
    public void There_is_a_bound_on_entries()
    {
        var root = Node(6);
        for (var i = 0; i < 2; i++)
        {
            var leaf = Node(0);
            for (var slot = 0; slot < 64; slot++)
                Slot(leaf, slot, FakeGuest.InitTask);
            Slot(root, i, leaf | Internal);
        }

        Head(root | Internal);
        Assert.Equal(100, Walk().Count);
        Assert.Contains("more things than 100", Walk().Incomplete);
    }

    private VmiList<(ulong Index, Va Entry)> Walk() =>
        XArray.Walk(new KernelReader(_guest.Core, _guest.Kernel, new LinuxLayouts(_guest.Kernel.Profile)), new Va(_array), "things");

    private void Head(ulong entry) => _guest.Set(_array, "xarray", "xa_head", entry);

    private ulong Node(ulong shift, params (int Slot, ulong Entry)[] entries)
    {
        var node = _guest.Allocate("xa_node");
        _guest.Set(node, "xa_node", "shift", shift);
        foreach (var (slot, entry) in entries)
            Slot(node, slot, entry);
        return node;
    }

    private void Slot(ulong node, int slot, ulong entry) =>
        _guest.Write(node + _guest.Offset("xa_node", "slots") + ((ulong)slot * 8), entry);
}
