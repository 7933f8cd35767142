namespace Vmi.Xen.Tests;

public sealed class RingTests
{
    [Fact]
    public void Requests_come_in_order_across_the_end_of_the_page()
    {
        using var xen = new ScriptedRing();
        for (var i = 0u; i < 5 * EventRing.Capacity; i++)
        {
            xen.Raise(new VmEvent { VcpuId = i });
            Assert.Equal(1, xen.Ring.Pending);
            Assert.True(xen.Ring.TryTake(out var request));
            Assert.Equal(i, request.VcpuId);
            xen.Ring.Answer(request);
            xen.Notify();
        }

        Assert.Equal(5 * EventRing.Capacity, xen.Answers.Count);
        Assert.Equal(Enumerable.Range(0, xen.Answers.Count).Select(i => (uint)i), xen.Answers.Select(answer => answer.VcpuId));
    }

    [Fact]
    public void A_full_ring_is_emptied_and_no_request_is_taken_twice()
    {
        using var xen = new ScriptedRing();
        for (var i = 0u; i < EventRing.Capacity; i++)
            xen.Raise(new VmEvent { VcpuId = i });
        Assert.Equal(EventRing.Capacity, xen.Ring.Pending);
        var taken = new List<VmEvent>();
        while (xen.Ring.TryTake(out var request))
            taken.Add(request);
        Assert.Equal(EventRing.Capacity, taken.Count);
        Assert.Equal(0, xen.Ring.Pending);
        taken.ForEach(request => xen.Ring.Answer(request));
        xen.Notify();
        Assert.Equal(taken.Select(each => each.VcpuId), xen.Answers.Select(each => each.VcpuId));
        xen.Raise(new VmEvent { VcpuId = 99 });
        Assert.True(xen.Ring.TryTake(out var next));
        Assert.Equal(99u, next.VcpuId);
    }

    [Fact]
    public void An_empty_ring_asks_for_a_bell_at_the_next_request()
    {
        using var xen = new ScriptedRing();
        Assert.False(xen.Ring.TryTake(out _));
        Assert.Equal(1u, xen.RequestEvent);
        xen.Raise(default);
        Assert.True(xen.Ring.TryTake(out _));
        Assert.False(xen.Ring.TryTake(out _));
        Assert.Equal(2u, xen.RequestEvent);
    }
}
