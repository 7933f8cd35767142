using System.Diagnostics;
using CsCheck;

namespace Vmi.Linux.Tests.Stacks;

/// <summary>Stacks and tables that a guest made to lead a trace astray: it ends, and says why.</summary>
public sealed class HostileStackTests
{
    private const ulong At = StackGuest.StackTop - 0x400;
    private const int MostFrames = 1024;

    [Fact]
    public void A_stack_that_turns_back_ends_the_trace()
    {
        var guest = new StackGuest(OrcForm.Signal);
        // The word on top of the stack points below it.
        guest.AddCode(StackGuest.Leaf + 0x10, 9, 8);
        guest.Write(At, At - 0x100);
        guest.Write(At - 0x100, StackGuest.Leaf + 0x20);
        var stack = guest.OfVcpu(StackGuest.Leaf + 0x20, At);
        Assert.Single(stack);
        Assert.Contains("turns back", stack.Incomplete);
    }

    [Fact]
    public void Two_stacks_that_lead_to_each_other_are_each_entered_once()
    {
        var guest = new StackGuest(OrcForm.Signal);
        guest.AddCode(StackGuest.Leaf + 0x10, 9, 8);
        guest.Write(StackGuest.InterruptStackTop - 8, At);
        guest.Write(At, StackGuest.Leaf + 0x20);
        guest.Write(At + 8, StackGuest.InterruptStackTop - 16);
        guest.Write(StackGuest.InterruptStackTop - 16, StackGuest.Leaf + 0x20);
        var stack = guest.OfVcpu(StackGuest.Leaf + 0x20, StackGuest.InterruptStackTop - 8);
        Assert.Equal(2, stack.Count);
        Assert.Contains("on no stack", stack.Incomplete);
    }

    [Fact]
    public void Saved_registers_that_lead_to_themselves_end_the_trace()
    {
        var guest = new StackGuest(OrcForm.Signal);
        guest.WriteRegisters(At, ("ip", StackGuest.Entry), ("sp", At));
        var stack = guest.OfVcpu(StackGuest.Entry, At);
        Assert.Single(stack);
        Assert.Contains("turns back", stack.Incomplete);
    }

    [Fact]
    public void A_stack_full_of_return_addresses_is_bounded()
    {
        var guest = new StackGuest(OrcForm.Signal);
        for (var at = StackGuest.Stack; at < StackGuest.StackTop; at += 8)
            guest.Write(at, StackGuest.Leaf + 4);
        var stack = guest.OfVcpu(StackGuest.Leaf + 4, StackGuest.Stack);
        Assert.Equal(MostFrames, stack.Count);
        Assert.Contains("more than", stack.Incomplete);
    }

    [Fact]
    public void The_end_of_a_stack_is_not_overrun()
    {
        var guest = new StackGuest(OrcForm.Signal);
        guest.Write(StackGuest.StackTop - 8, StackGuest.Leaf + 4);
        var stack = guest.OfVcpu(StackGuest.Leaf + 4, StackGuest.StackTop - 8);
        Assert.Equal(2, stack.Count);
        Assert.Contains("on no stack", stack.Incomplete);
        // Nor is one read at an odd place.
        Assert.Single(guest.OfVcpu(StackGuest.Leaf + 4, StackGuest.StackTop - 15));
    }

    [Fact]
    public void A_stack_whose_memory_is_gone_ends_the_trace()
    {
        var guest = new StackGuest(OrcForm.Signal);
        guest.Wait(At, StackGuest.Schedule + 4, 0);
        guest.Memory.Remove(new Pa(At - StackGuest.DirectMap));
        Assert.Empty(guest.OfThread());
        Assert.NotNull(guest.OfThread().Incomplete);
        guest.Set(StackGuest.Task, "task_struct", "thread.sp", ulong.MaxValue - 7);
        Assert.NotNull(guest.OfThread().Incomplete);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Tables_whose_registers_have_other_numbers_are_not_believed(int stackRegister)
    {
        var guest = new StackGuest(OrcForm.Signal, stackRegister: stackRegister);
        guest.Write(guest.Wait(At, StackGuest.Schedule + 4, 0), StackGuest.RetFromFork + 1);
        var stack = guest.OfThread();
        Assert.NotNull(stack.Incomplete);
        Assert.All(stack.Skip(1), frame => Assert.False(frame.IsReliable));
    }

    [Fact]
    public void A_module_s_table_of_an_absurd_size_is_not_searched()
    {
        var guest = new StackGuest(OrcForm.Signal);
        guest.Write(guest.Wait(At, StackGuest.Schedule + 4, 0), StackGuest.ModuleText + 0x1018);
        StackTests.AddModule(guest);
        guest.Set(StackGuest.Module, "module", "arch.num_orcs", uint.MaxValue);
        var stack = guest.OfThread();
        Assert.Equal(2, stack.Count);
        Assert.NotNull(stack.Incomplete);
    }

    [Fact]
    public void Rings_in_the_tracers_lists_end()
    {
        var guest = new StackGuest(OrcForm.Signal);
        guest.Write(guest.Wait(At, StackGuest.Schedule + 4, 0), StackGuest.RethookTrampoline);
        guest.Write(At + guest.FrameSize + 8, StackGuest.Free + 0x1010);
        // What is before a return address counts.
        guest.AddCode(StackGuest.RethookTrampoline - 8, 5, 8);
        var link = StackGuest.Free + guest.Offset("rethook_node", "llist");
        guest.Set(StackGuest.Task, "task_struct", "rethooks.first", link);
        guest.Set(StackGuest.Free, "rethook_node", "llist.next", link);
        guest.Write(StackGuest.FtraceOpsList, StackGuest.Free + 0x200);
        guest.Set(StackGuest.Free + 0x200, "ftrace_ops", "next", StackGuest.Free + 0x200);
        guest.Set(StackGuest.Free + 0x200, "ftrace_ops", "trampoline_size", ulong.MaxValue);
        var stack = guest.OfThread();
        Assert.False(stack[^1].IsReliable);
        Assert.NotNull(stack.Incomplete);
    }

    [Theory]
    [InlineData(OrcForm.End)]
    [InlineData(OrcForm.EndAndSignal)]
    [InlineData(OrcForm.Signal)]
    [InlineData(OrcForm.None)]
    public void Whatever_is_in_memory_a_trace_ends_within_its_bounds(OrcForm form)
    {
        // A place in one of the structures, and what is written there: mostly what looks as if it belonged there.
        ulong[] starts =
        [
            StackGuest.Task, StackGuest.StackTop - 0x1000, StackGuest.InterruptStackTop - 0x800, StackGuest.ExceptionStacks, StackGuest.Cpu,
            StackGuest.Free, StackGuest.Module, StackGuest.Addresses, StackGuest.Entries,
        ];
        var place = Gen.Select(Gen.OneOfConst(starts), Gen.ULong[0, 0x1ff], (start, word) => start + word * 8);
        var value = Gen.Frequency(
            (4, place),
            (3, Gen.Select(Gen.OneOfConst(StackGuest.Leaf, StackGuest.Caller, StackGuest.Entry, StackGuest.ReturnToHandler,
                StackGuest.RethookTrampoline, StackGuest.ModuleText, StackGuest.Free), Gen.ULong[0, 0x30],
                (start, offset) => start + offset)),
            (1, Gen.ULong), (1, Gen.ULong[0, 64]));
        Gen.Select(Gen.Select(place, value).Array[1, 200], place, value, value).Sample(
            (writes, sp, ip, bp) =>
            {
                var guest = new StackGuest(form);
                StackTests.AddModule(guest);
                guest.Wait(At, StackGuest.Schedule + 4, At + 0x100);
                foreach (var (at, word) in writes)
                    guest.Write(at, word);
                var watch = Stopwatch.StartNew();
                var stack = guest.OfThread();
                return stack.Count <= MostFrames && IsBounded(() => guest.OfVcpu(ip, sp, bp)) && watch.Elapsed < TimeSpan.FromSeconds(5);
            },
            iter: 200,
            threads: 1);
    }

    private static bool IsBounded(Func<VmiList<LinuxStackFrame>> walk)
    {
        try
        {
            return walk().Count is > 0 and <= MostFrames;
        }
        catch (VmiNotSupportedException)
        {
            // Documented: which CPU it is can't be told any more.
            return true;
        }
    }
}
