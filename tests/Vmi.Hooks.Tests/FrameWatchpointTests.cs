using Vmi.Amd64;

namespace Vmi.Hooks.Tests;

/// <summary>Memory watched by the rights of its frame: which calls a driver gets, and how events are answered.</summary>
public sealed class FrameWatchpointTests
{
    private static readonly Pa Place = new(0x5120);
    private static readonly View Ours = new(1);

    private readonly ViewDriver _driver = new(5, 6);
    private readonly FrameWatchpoints _watchpoints;

    public FrameWatchpointTests() => _watchpoints = FrameWatchpoints.For(_driver, address => new Pa(address.Va.Value))!;

    [Fact]
    public void A_view_is_made_in_which_the_frame_can_not_be_written_and_goes_at_the_end()
    {
        Watch(MemoryAccess.Write);
        Assert.Equal(["create ReadWriteExecute", "switch 1", "rights 1 0x5 ReadExecute"], _driver.Calls);
        _driver.Calls.Clear();
        _watchpoints.Leave();
        Assert.Equal(["switch 0", "destroy 1"], _driver.Calls);
        _watchpoints.Leave();
        Assert.Equal(2, _driver.Calls.Count);
    }

    [Fact]
    public void Reads_of_one_and_writes_of_another_in_a_frame_are_watched_in_one_view()
    {
        Watch(MemoryAccess.Write);
        Watch(MemoryAccess.Read, 0x5200);
        Assert.Equal(["create ReadWriteExecute", "switch 1", "rights 1 0x5 ReadExecute", "rights 1 0x5 Execute"], _driver.Calls);
        // Of the first only writes are wanted.
        Assert.Equal(VmiEventResponse.FastSinglestep(View.Default), _watchpoints.Resume(Touch(Place, MemoryAccess.Read)));
        Assert.True(IsTouch(new Pa(0x5200), MemoryAccess.Read));
    }

    [Fact]
    public void A_view_that_can_not_be_entered_is_destroyed()
    {
        _driver.Failing = "switch";
        Assert.Throws<VmiDriverException>(() => Watch(MemoryAccess.Write));
        Assert.Equal("destroy 1", _driver.Calls[^1]);
    }

    [Fact]
    public void A_touch_is_executed_in_the_default_view_and_seen_behind_its_instruction()
    {
        var watchpoint = Watch(MemoryAccess.Write);
        var touch = Touch(Place + 3, MemoryAccess.ReadWrite);
        Assert.False(_watchpoints.TryGetTouch(touch, out _, out _));
        Assert.Equal(VmiEventResponse.Singlestep.WithView(View.Default), _watchpoints.Resume(touch));
        Assert.True(_watchpoints.TryGetTouch(Step(), out var touched, out var access));
        Assert.Same(watchpoint, touched);
        Assert.Equal(MemoryAccess.Write, access);
        Assert.Equal(VmiEventResponse.Continue.WithView(Ours), _watchpoints.Resume(Step()));
        // A step of somebody else.
        Assert.False(_watchpoints.TryGetTouch(Step(), out _, out _));
        Assert.Equal(VmiEventResponse.Continue, _watchpoints.Resume(Step()));
    }

    [Theory]
    [InlineData(0x5128, MemoryAccess.Write)]
    [InlineData(0x50e0, MemoryAccess.Write)]
    [InlineData(0x5120, MemoryAccess.Read)]
    public void What_is_beside_or_is_not_wanted_is_passed_over_in_one_step(ulong begin, MemoryAccess access)
    {
        Watch(MemoryAccess.Write);
        Assert.Equal(VmiEventResponse.FastSinglestep(View.Default), _watchpoints.Resume(Touch(new Pa(begin), access)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_write_that_begins_before_is_a_touch_if_the_bytes_change(bool changes)
    {
        Watch(MemoryAccess.Write);
        Assert.Equal(
            VmiEventResponse.Singlestep.WithView(View.Default), _watchpoints.Resume(Touch(Place + 7 - 16, MemoryAccess.ReadWrite)));
        if (changes)
            _driver[Place + 7] ^= 1;
        Assert.Equal(changes, _watchpoints.TryGetTouch(Step(), out _, out _));
        Assert.Equal(VmiEventResponse.Continue.WithView(Ours), _watchpoints.Resume(Step()));
    }

    [Fact]
    public void Other_frames_and_other_views_are_left_alone()
    {
        Watch(MemoryAccess.Write);
        Assert.Equal(VmiEventResponse.Continue, _watchpoints.Resume(Touch(new Pa(0x6120), MemoryAccess.Write)));
        var other = Touch(Place, MemoryAccess.Write);
        other.View = View.Default;
        Assert.Equal(VmiEventResponse.Continue, _watchpoints.Resume(other));
    }

    private Watchpoint Watch(MemoryAccess access, ulong place = 0x5120)
    {
        var watchpoint = new Watchpoint((new Va(place), default(Pa)), 8, access);
        _watchpoints.Insert(watchpoint);
        return watchpoint;
    }

    private bool IsTouch(Pa place, MemoryAccess access)
    {
        _watchpoints.Resume(Touch(place, access));
        return _watchpoints.TryGetTouch(Step(), out _, out _);
    }

    private static VmiEvent Touch(Pa begin, MemoryAccess access) =>
        Event(new Amd64EventReason.MemoryAccess(begin, new Va(begin.Value), access, default), Ours);

    private static VmiEvent Step() => Event(new Amd64EventReason.Singlestep(new Gfn(1)), View.Default);

    private static VmiEvent Event(VmiEventReason reason, View view) => new(new VcpuId(0), new Amd64Registers(default, null), reason) { View = view };
}
