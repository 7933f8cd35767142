using System.Text;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Modules;

public sealed class ModuleTests
{
    private FakeGuest _guest = new();

    private ulong Add(string name, ulong state = 0)
    {
        var module = _guest.Allocate("module");
        _guest.Set(module, "module", "state", state);
        _guest.Set(module, "module", "refcnt", 1);
        _guest.Write(module + _guest.Offset("module", "name"), Encoding.ASCII.GetBytes(name));
        _guest.LinkLast(FakeGuest.Modules, module + _guest.Offset("module", "list"));
        _guest.LinkEmpty(module + _guest.Offset("module", "source_list"));
        return module;
    }

    [Fact]
    public void A_module_s_size_is_that_of_all_its_parts_and_its_base_that_of_its_code()
    {
        var module = Add("dummy");
        for (var i = 0UL; i < 3; i++)
        {
            _guest.Write(module + _guest.Offset("module", "mem") + i * 16, 0xffff_ffff_c000_0000 + i * 0x1000);
            _guest.Write(module + _guest.Offset("module", "mem") + i * 16 + 8, 0x100 + i);
        }

        var found = Assert.Single(_guest.Os.Modules());
        Assert.Equal(("dummy", 0xffff_ffff_c000_0000, 0x303UL, 0), (found.Name, found.BaseAddress.Value, found.Size, found.References));
        Assert.Equal("dummy", _guest.Os.FindModule("DUMMY")!.Name);
    }

    [Fact]
    public void Older_kernels_have_two_layouts()
    {
        _guest = new FakeGuest(isOld: true);
        var module = Add("dummy");
        _guest.Set(module, "module", "core_layout.base", 0xffff_ffff_c000_0000);
        _guest.Set(module, "module", "core_layout.size", 0x3000);
        _guest.Set(module, "module", "init_layout.size", 0x20);
        var found = Assert.Single(_guest.Os.Modules());
        Assert.Equal((0xffff_ffff_c000_0000, 0x3020UL), (found.BaseAddress.Value, found.Size));
    }

    [Fact]
    public void Users_of_a_module_are_named()
    {
        var used = Add("used");
        var user = Add("user");
        var use = _guest.Allocate("module_use");
        _guest.Set(use, "module_use", "source", user);
        _guest.LinkLast(used + _guest.Offset("module", "source_list"), use + _guest.Offset("module_use", "source_list"));
        Assert.Equal(["user"], _guest.Os.Modules()[0].UsedBy());
    }

    [Fact]
    public void A_module_that_is_not_set_up_is_left_out()
    {
        Add("live");
        Add("unformed", 3);
        Assert.Equal(["live"], _guest.Os.Modules().Select(each => each.Name));
    }

    [Fact]
    public void A_list_of_modules_in_a_circle_ends()
    {
        var (first, second) = (Add("first"), Add("second"));
        _guest.Write(second + _guest.Offset("module", "list"), first + _guest.Offset("module", "list"));
        var modules = _guest.Os.Modules();
        Assert.Contains("circle", modules.Incomplete, StringComparison.Ordinal);
        Assert.Equal(2, modules.Count);
    }

    [Fact]
    public void A_name_without_end_stops_at_its_array()
    {
        Add(new string('n', 56));
        Assert.Equal(56, Assert.Single(_guest.Os.Modules()).Name.Length);
    }
}
