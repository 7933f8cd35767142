using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Memory;

/// <summary>Kernels before the maple tree: a list by address.</summary>
public sealed class OlderRegionTests
{
    private readonly FakeGuest _guest = new(isOld: true);
    private readonly ulong[] _areas;

    public OlderRegionTests()
    {
        var mm = _guest.AddSpace(_guest.AddProcess(1, "init"));
        _areas = [.. Enumerable.Range(1, 3).Select(i => _guest.AddArea(mm, (ulong)i * 0x1000, (ulong)(i + 1) * 0x1000, 1))];
        _guest.Set(mm, "mm_struct", "mmap", _areas[0]);
        _guest.Set(_areas[0], "vm_area_struct", "vm_next", _areas[1]);
        _guest.Set(_areas[1], "vm_area_struct", "vm_next", _areas[2]);
    }

    private LinuxProcess Process => _guest.Os.Processes()[0];

    [Fact]
    public void The_list_is_read_and_searched()
    {
        Assert.Equal([0x1000UL, 0x2000, 0x3000], Process.Regions().Select(each => each.Start.Value));
        Assert.Equal(0x2000UL, Process.LookupRegion(new Va(0x2fff))!.Start.Value);
        Assert.False(Process.IsValidAddress(new Va(0x4000)));
    }

    [Fact]
    public void A_circle_ends()
    {
        _guest.Set(_areas[2], "vm_area_struct", "vm_next", _areas[1]);
        var regions = Process.Regions();
        Assert.Contains("circle", regions.Incomplete, StringComparison.Ordinal);
        Assert.Equal(3, regions.Count);
        Assert.Null(Process.IsValidAddress(new Va(0x9000)));
    }
}
