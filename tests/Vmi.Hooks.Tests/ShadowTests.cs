using Vmi.Amd64;

namespace Vmi.Hooks.Tests;

/// <summary>Breakpoints in shadow frames: which calls a driver gets, in which order, and what is left when one fails.</summary>
public sealed class ShadowTests
{
    private static readonly Pa First = new(0x5123), Same = new(0x5456), Other = new(0x6123), Copy = new(0x1000123);
    private static readonly View Ours = new(1);

    private readonly ViewDriver _driver = new(5, 6);
    private readonly ShadowFrames _frames;

    public ShadowTests() => _frames = ShadowFrames.For(_driver)!;

    [Fact]
    public void The_first_breakpoint_copies_the_frame_and_puts_the_copy_in_its_place()
    {
        _frames.Insert(First);
        Assert.Equal(
            [
                "pause", "create ReadWriteExecute", "switch 1", "allocate", "write 0x1000000 4096", "change 1 0x5 0x1000",
                "rights 1 0x5 Execute", "write 0x1000123 cc", "resume",
            ],
            _driver.Calls);
        Assert.Equal(0xcc, _driver[Copy]);
        Assert.Equal(_driver[new Pa(0x5122)], _driver[new Pa(0x1000122)]);
        Assert.Equal(0x28, _driver[First]);
    }

    [Fact]
    public void The_last_removal_restores_the_byte_and_gives_everything_back()
    {
        _frames.Insert(First);
        _driver.Calls.Clear();
        Assert.True(_frames.Remove(First));
        _frames.Leave();
        Assert.Equal(
            [
                "write 0x1000123 28", "rights 1 0x5 ReadWriteExecute", "reset 1 0x5", "free 0x1000", "switch 0", "destroy 1",
            ],
            _driver.Calls);
        Assert.False(_frames.Remove(First));
    }

    [Fact]
    public void The_same_breakpoint_twice_touches_nothing_and_needs_two_removals()
    {
        _frames.Insert(First);
        _driver.Calls.Clear();
        _frames.Insert(First);
        Assert.True(_frames.Remove(First));
        Assert.Empty(_driver.Calls);
        Assert.True(_frames.Contains(Ours, First));
        Assert.True(_frames.Remove(First));
        Assert.False(_frames.Contains(Ours, First));
        Assert.Empty(_driver.Allocated);
    }

    [Fact]
    public void Two_breakpoints_of_a_frame_share_its_copy_and_removing_one_keeps_it()
    {
        _frames.Insert(First);
        _driver.Calls.Clear();
        _frames.Insert(Same);
        Assert.True(_frames.Remove(First));
        Assert.Equal(["write 0x1000456 cc", "write 0x1000123 28"], _driver.Calls);
        Assert.True(_frames.Contains(Ours, Same));
        Assert.Equal(new Gfn(0x1000), _driver.Mapped[(Ours, First.Gfn)]);
        _frames.Leave();
        Assert.DoesNotContain("destroy 1", _driver.Calls);
    }

    [Fact]
    public void Two_frames_have_copies_of_their_own_in_one_view()
    {
        _frames.Insert(First);
        _frames.Insert(Other);
        Assert.Equal(2, _driver.Mapped.Count);
        Assert.Single(_driver.Calls, call => call.StartsWith("create", StringComparison.Ordinal));
        Assert.True(_frames.Remove(First));
        Assert.Equal(Other.Gfn, Assert.Single(_driver.Mapped).Key.Item2);
    }

    [Fact]
    public void An_int3_of_the_guest_beneath_a_breakpoint_comes_back()
    {
        _driver[First] = 0xcc;
        _frames.Insert(First);
        _driver.Calls.Clear();
        _frames.Remove(First);
        Assert.Equal("write 0x1000123 cc", _driver.Calls[0]);
    }

    [Fact]
    public void A_frame_shadowed_again_is_copied_again()
    {
        _frames.Insert(First);
        _frames.Remove(First);
        _driver[new Pa(0x5200)] = 0x77;
        _frames.Insert(First);
        Assert.Equal(0x77, _driver[new Pa(0x1001200)]);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("switch")]
    [InlineData("allocate")]
    [InlineData("write 0x1000000")]
    [InlineData("change")]
    [InlineData("rights")]
    [InlineData("write 0x1000123")]
    public void An_insertion_that_fails_leaves_nothing_and_can_be_repeated(string failing)
    {
        _driver.Failing = failing;
        Assert.Throws<VmiDriverException>(() => _frames.Insert(First));
        Assert.Empty(_driver.Allocated);
        Assert.Empty(_driver.Mapped);
        Assert.False(_frames.Contains(Ours, First));
        Assert.Equal("resume", _driver.Calls[^1]);
        _frames.Insert(First);
        Assert.Single(_driver.Allocated);
        Assert.True(_frames.Remove(First));
    }

    [Theory]
    [InlineData("write")]
    [InlineData("rights")]
    [InlineData("reset")]
    public void A_removal_that_fails_can_be_repeated(string failing)
    {
        _frames.Insert(First);
        _driver.Failing = failing;
        Assert.Throws<VmiDriverException>(() => _frames.Remove(First));
        Assert.True(_frames.Remove(First));
        Assert.Empty(_driver.Allocated);
        Assert.Empty(_driver.Mapped);
    }

    [Fact]
    public void A_second_breakpoint_that_fails_leaves_the_first()
    {
        _frames.Insert(First);
        _driver.Failing = "write";
        Assert.Throws<VmiDriverException>(() => _frames.Insert(Same));
        Assert.False(_frames.Contains(Ours, Same));
        Assert.True(_frames.Contains(Ours, First));
    }

    [Fact]
    public void A_frame_that_is_not_memory_is_refused()
    {
        Assert.Throws<VmiNotSupportedException>(() => _frames.Insert(new Pa(0x9000)));
        Assert.Empty(_driver.Allocated);
    }

    [Fact]
    public void A_hit_is_told_by_view_frame_and_place()
    {
        var mechanism = new ShadowMechanism(_frames, address => new Pa(address.Va.Value));
        AddressContext here = (new Va(First.Value), new Pa(0x1000)), elsewhere = (new Va(Same.Value), new Pa(0x1000));
        mechanism.Insert(here);
        Assert.True(mechanism.IsHit(Event(Hit(5), Ours), here));
        Assert.False(mechanism.IsHit(Event(Hit(5), Ours), elsewhere));
        Assert.False(mechanism.IsHit(Event(Hit(6), Ours), here));
        Assert.False(mechanism.IsHit(Event(Hit(5), View.Default), here));
        Assert.False(mechanism.IsHit(Event(Hit(5), null), here));
        Assert.False(mechanism.IsHit(Event(Hit(null), Ours), here));
        Assert.False(mechanism.IsHit(Event(new Amd64EventReason.Singlestep(new Gfn(5)), Ours), here));
        mechanism.Remove(here);
        Assert.False(mechanism.IsHit(Event(Hit(5), Ours), here));
    }

    [Fact]
    public void What_reads_a_shadowed_frame_does_so_in_the_default_view_and_other_touches_are_not_ours()
    {
        var mechanism = new ShadowMechanism(_frames, address => new Pa(address.Va.Value));
        mechanism.Insert((new Va(First.Value), new Pa(0x1000)));
        var inDefault = VmiEventResponse.FastSinglestep(View.Default);
        Assert.Equal(inDefault, mechanism.PassOver(Event(Touch(Same), Ours)));
        Assert.Equal(inDefault, mechanism.StepOver(Event(Hit(5), Ours)));
        Assert.Equal(VmiEventResponse.Continue, mechanism.PassOver(Event(Touch(Other), Ours)));
        Assert.Equal(VmiEventResponse.Continue, mechanism.PassOver(Event(Touch(Same), new View(2))));
    }

    private static Amd64EventReason.Interrupt Hit(ulong? gfn) =>
        new(gfn is { } number ? new Gfn(number) : null, Amd64Interrupt.Breakpoint());

    private static Amd64EventReason.MemoryAccess Touch(Pa address) => new(address, null, MemoryAccess.Read, MemoryAccessFlags.None);

    private static VmiEvent Event(VmiEventReason reason, View? view) =>
        new(new VcpuId(0), new Amd64Registers(Amd64RegisterGroups.General), reason) { View = view };
}
