namespace Vmi.Xen.Lab;

/// <summary>Reading and writing memory, and frames.</summary>
internal static class MemoryChecks
{
    public static void Run(Checks checks, Guest guest)
    {
        var (core, driver, exercise) = (guest.Core, guest.Driver, guest.Exercise);
        checks.Check("the guest's counter is seen to run", guest.GoesOn);
        checks.Check("a page is mapped, not copied", () =>
        {
            var page = core.ReadPage(exercise.DataGfn);
            Expect.True(page.IsMapped, "the page is mapped");
            var before = BitConverter.ToUInt32(page.Span);
            Guest.Until(() => BitConverter.ToUInt32(page.Span) != before, "the mapped page changes with the guest");
        });
        checks.Check("what is written reaches the guest", () =>
        {
            guest.InboxValue = 0xfeedface;
            Guest.Until(() => guest.EchoValue == 0xfeedface, "the guest echoes what was written");
        });
        checks.Check("the memory map has the domain's memory", () =>
        {
            var map = driver.MemoryMap;
            Expect.True(map.Any(range => range.Contains(exercise.DataGfn.Pa)), "it has the page of data");
            var bytes = map.Aggregate(0UL, (sum, range) => sum + range.Length);
            Expect.True(bytes is > 150 << 20 and < 170 << 20, $"it has {bytes} bytes in {map.Count} ranges");
        });
        checks.Check("a large read equals small ones", () =>
        {
            using var pause = core.PauseGuard();
            var large = new byte[1 << 20];
            var start = new Gfn(exercise.DataGfn.Value & ~0xFFUL).Pa;
            Expect.Equal(large.Length, driver.Read(start, large), "bytes read at once");
            var small = new byte[Frame.Size];
            for (var at = 0; at < large.Length; at += small.Length)
            {
                Expect.Equal(small.Length, driver.Read(start + (ulong)at, small), "bytes of one frame");
                Expect.True(small.AsSpan().SequenceEqual(large.AsSpan(at, small.Length)), $"frame at {at} is the same");
            }
        });
        checks.Check("memory that is not there is told apart", () =>
        {
            var hole = new Pa(0x8000_0000);
            Expect.Equal(0, driver.Read(hole, new byte[8]), "bytes of a hole");
            Expect.Equal(0, driver.Read(hole, new byte[1 << 20]), "bytes of a large hole");
            Expect.True(driver.ReadPage(hole.Gfn) is null, "a page of a hole is null");
            Expect.Equal(0, driver.Write(hole, new byte[8]), "bytes written to a hole");
            var end = driver.MemoryMap.Select(range => range.End).First(end => driver.ReadPage(end.Gfn) is null);
            Expect.Equal(100, driver.Read(end + unchecked(0UL - 100), new byte[5000]), "bytes before the end");
        });
        checks.Check("frames are added beyond the limit, written, and removed", () =>
        {
            var limit = Limit(driver);
            var first = driver.AllocateGfn();
            var second = driver.AllocateGfn();
            Expect.Equal(first + 1, second, "the second frame");
            core.WriteUInt64(second.Pa + 8, 0x1122334455667788);
            Expect.Equal(0x1122334455667788UL, core.ReadUInt64(second.Pa + 8), "what was written");
            core.FreeGfn(second);
            core.FreeGfn(first);
            Expect.True(driver.ReadPage(first) is null, "the frame is gone");
            Expect.Equal(limit, Limit(driver), "the domain's limit");
            Expect.Throws<VmiDriverException>(() => driver.FreeGfn(exercise.DataGfn), "freeing a frame of the guest's");
        });
    }

    /// <summary>What Xen says of the domain's limit, in pages.</summary>
    private static ulong Limit(XenDriver driver)
    {
        using var domain = XenDomain.Open(driver.DomainId);
        return domain.Information().MaxPages;
    }
}
