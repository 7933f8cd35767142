using System.Text;

namespace Vmi.Linux.Tests.Stacks;

public sealed class StackTests
{
    private const ulong At = StackGuest.StackTop - 0x400;
    private const ulong Registers = StackGuest.StackTop - 0xa8;

    public static TheoryData<OrcForm> Forms => [OrcForm.End, OrcForm.EndAndSignal, OrcForm.Signal, OrcForm.Renumbered];

    /// <summary>A thread in `schedule`, called by code with a frame pointer, called by entry code, from a program.</summary>
    private static StackGuest Sleeping(OrcForm form, bool graphHasWords = false, ulong returnTo = StackGuest.Caller + 0x10)
    {
        var guest = new StackGuest(form, graphHasWords);
        var sp = guest.Wait(At, StackGuest.Schedule + 0x20, At + 0x100);
        guest.Write(sp, returnTo);
        guest.Write(At + 0x100, 0x1111);
        guest.Write(At + 0x108, StackGuest.Entry + 8);
        // Where the frame above is left, the pt_regs begins.
        guest.WriteRegisters(At + 0x110, ("ip", 0x401000), ("sp", 0x7fff_0000), ("cs", 0x33), ("orig_ax", 34));
        return guest;
    }

    private static string Text(VmiList<LinuxStackFrame> stack) =>
        string.Join(' ', stack.Select(frame => (frame.IsReliable ? "" : "?") + frame));

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_waiting_thread_is_unwound_to_the_program_that_called(OrcForm form)
    {
        var stack = Sleeping(form).OfThread();
        Assert.Null(stack.Incomplete);
        Assert.Equal("schedule+0x20 caller+0x10 entry+0x8 0x0000000000401000", Text(stack));
        Assert.Equal(At + 0x110, stack[2].StackPointer.Value);
        var program = stack[3];
        Assert.True(program.IsUserMode);
        Assert.Equal((0x7fff_0000UL, 34UL), (program.StackPointer.Value, program.Interrupted!.OriginalRax!.Value));
        Assert.Equal((13UL, 9UL), (program.Interrupted.General!.Rsi, program.Interrupted.General.R8 + 0));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_kernel_thread_ends_at_its_beginning(OrcForm form)
    {
        var guest = new StackGuest(form);
        guest.Write(guest.Wait(At, StackGuest.Schedule + 4, 0), StackGuest.RetFromFork + 0x22);
        var stack = guest.OfThread();
        Assert.Null(stack.Incomplete);
        Assert.Equal("schedule+0x4 ret_from_fork+0x22", Text(stack));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_thread_that_never_ran_is_at_its_beginning(OrcForm form)
    {
        var guest = new StackGuest(form);
        guest.Wait(At, StackGuest.RetFromFork, 0);
        Assert.Equal("ret_from_fork", Text(guest.OfThread()));
        Assert.Null(guest.OfThread().Incomplete);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Code_that_can_t_be_unwound_ends_the_trace_early(OrcForm form)
    {
        var guest = Sleeping(form);
        guest.AddCode(StackGuest.Caller + 0x8, 0, 0, type: OrcType.Undefined);
        Assert.Equal("schedule+0x20 caller+0x10", Text(guest.OfThread()));
        Assert.Contains("can't be unwound", guest.OfThread().Incomplete);
        // The older tables mark it as they mark a beginning.
        guest = Sleeping(OrcForm.End);
        guest.AddCode(StackGuest.Caller + 0x8, 0, 0, type: OrcType.EndOfStack);
        Assert.Contains("can't be unwound", guest.OfThread().Incomplete);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_interrupt_on_its_own_stack_leads_to_what_it_interrupted(OrcForm form)
    {
        var guest = new StackGuest(form);
        // The interrupted stack pointer is the topmost word of the interrupt stack: call_on_irqstack leaves it there.
        guest.AddCode(StackGuest.Leaf + 0x10, 9, 8);
        guest.Write(StackGuest.InterruptStackTop - 8, At);
        guest.Write(At, StackGuest.Entry + 8);
        // The first instruction of the function: its entry counts, not that of the code before.
        guest.WriteRegisters(At + 8, ("ip", StackGuest.Caller), ("sp", At + 0x200), ("bp", At + 0x300));
        guest.Write(At + 0x300, 0);
        guest.Write(At + 0x308, StackGuest.RetFromFork + 1);
        var stack = guest.OfVcpu(StackGuest.Leaf + 0x20, StackGuest.InterruptStackTop - 8);
        Assert.Null(stack.Incomplete);
        Assert.Equal("leaf+0x20 entry+0x8 caller ret_from_fork+0x1", Text(stack));
        Assert.False(stack[2].IsUserMode);
        Assert.Equal((StackGuest.Caller, 7UL), (stack[2].Interrupted!.General!.Rip, stack[2].Interrupted!.General!.R10));
        Assert.All(stack, frame => Assert.Equal(frame == stack[2], frame.Interrupted is not null));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Of_registers_saved_in_part_the_others_are_the_vCPU_s(OrcForm form)
    {
        var guest = new StackGuest(form);
        guest.AddCode(StackGuest.Leaf + 0x10, 5, 0, type: OrcType.PartialRegisters, isSignal: true);
        // An exception on its own stack, before anything was saved, in code whose stack was realigned.
        var at = StackGuest.ExceptionStacks + 0x2f00;
        guest.WriteRegisters(at - 16 * 8, ("ip", StackGuest.Leaf + 0x8), ("sp", At), ("ax", 1));
        guest.AddCode(StackGuest.Leaf + 0x8, 6, 0);
        guest.Write(At + 0x38, StackGuest.RetFromFork + 1);
        var stack = guest.OfVcpu(StackGuest.Leaf + 0x10, at, r10: At + 0x40);
        Assert.Null(stack.Incomplete);
        Assert.Equal("leaf+0x10 leaf+0x8 ret_from_fork+0x1", Text(stack));
        Assert.Null(stack[1].Interrupted!.General);
        Assert.Equal(At, stack[1].Interrupted!.StackPointer.Value);
    }

    [Fact]
    public void Code_without_entries_is_taken_to_keep_a_frame_pointer_and_marked()
    {
        var guest = new StackGuest(OrcForm.Signal);
        var sp = guest.Wait(At, StackGuest.Schedule + 4, At + 0x100);
        guest.Write(sp, StackGuest.Free + 0x10);
        guest.Write(At + 0x100, At + 0x200);
        guest.Write(At + 0x108, StackGuest.RetFromFork + 1);
        var stack = guest.OfThread();
        Assert.Null(stack.Incomplete);
        Assert.Equal($"schedule+0x4 {new Va(StackGuest.Free + 0x10)} ?ret_from_fork+0x1", Text(stack));
    }

    [Fact]
    public void A_trampoline_of_ftrace_is_unwound_as_what_it_was_copied_from()
    {
        var guest = Sleeping(OrcForm.Signal, returnTo: StackGuest.Free + 0x1010);
        // The entry of the original that saves all registers: it leaves 0xa8 bytes.
        guest.AddCode(StackGuest.FtraceCaller, 5, 8);
        guest.AddCode(StackGuest.FtraceRegsCaller, 5, 0xa8);
        guest.Write(StackGuest.FtraceOpsList, StackGuest.Free);
        guest.Set(StackGuest.Free, "ftrace_ops", "next", StackGuest.Free);
        guest.Set(StackGuest.Free, "ftrace_ops", "flags", 5);
        guest.Set(StackGuest.Free, "ftrace_ops", "trampoline", StackGuest.Free + 0x1000);
        guest.Set(StackGuest.Free, "ftrace_ops", "trampoline_size", 0x100);
        guest.Write(At + guest.FrameSize + 8 + 0xa0, StackGuest.RetFromFork + 1);
        var stack = guest.OfThread();
        Assert.Null(stack.Incomplete);
        Assert.Equal("schedule+0x20 ftrace_trampoline+0x10 ret_from_fork+0x1", Text(stack));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_graph_tracer_replaced_is_found_in_its_own_stack(bool hasWords)
    {
        var guest = Sleeping(OrcForm.Signal, hasWords, StackGuest.ReturnToHandler);
        guest.Set(StackGuest.Task, "task_struct", "ret_stack", StackGuest.Free);
        guest.Set(StackGuest.Task, "task_struct", "curr_ret_stack", hasWords ? 12UL : 1);
        // Two functions with one place, the second called from the first's end: it saw the handler only.
        var first = StackGuest.Free;
        var second = first + (hasWords ? 48UL : 40);
        foreach (var (entry, address) in new[] { (first, StackGuest.Caller + 0x10), (second, StackGuest.ReturnToHandler) })
        {
            guest.Set(entry, "ftrace_ret_stack", "ret", address);
            guest.Set(entry, "ftrace_ret_stack", "retp", At + guest.FrameSize);
        }

        Assert.Equal("schedule+0x20 caller+0x10 entry+0x8 0x0000000000401000", Text(guest.OfThread()));
        // Not the tracer's any more: nothing is known.
        guest.Set(StackGuest.Task, "task_struct", "curr_ret_stack", hasWords ? 0UL : uint.MaxValue);
        Assert.NotEqual("schedule+0x20 caller+0x10 entry+0x8 0x0000000000401000", Text(guest.OfThread()));
        Assert.False(guest.OfThread()[1].IsReliable);
    }

    [Fact]
    public void A_function_that_has_returned_into_the_graph_tracer_goes_on_where_it_was_called()
    {
        var guest = Sleeping(OrcForm.Signal);
        guest.AddCode(StackGuest.ReturnToHandler, 0, 0, type: OrcType.Undefined);
        guest.Set(StackGuest.Task, "task_struct", "ret_stack", StackGuest.Free);
        guest.Set(StackGuest.Free, "ftrace_ret_stack", "ret", StackGuest.RetFromFork + 1);
        guest.Set(StackGuest.Free, "ftrace_ret_stack", "retp", At + 0x80);
        var stack = guest.OfVcpu(StackGuest.ReturnToHandler + 4, At + 0x70);
        Assert.Null(stack.Incomplete);
        Assert.Equal("return_to_handler+0x4 ret_from_fork+0x1", Text(stack));
        Assert.Equal(At + 0x88, stack[1].StackPointer.Value);
    }

    [Fact]
    public void Between_two_threads_the_stack_and_the_tracer_s_are_those_of_the_next()
    {
        const ulong next = StackGuest.Free + 0x2000;
        const ulong stack = StackGuest.Free + 0x4000;
        var guest = Sleeping(OrcForm.Signal);
        guest.AddTask(next, 2);
        guest.Set(next, "task_struct", "stack", stack);
        guest.Set(next, "task_struct", "ret_stack", StackGuest.Free);
        guest.Set(StackGuest.Free, "ftrace_ret_stack", "ret", StackGuest.RetFromFork + 1);
        guest.Set(StackGuest.Free, "ftrace_ret_stack", "retp", stack + 0x3000);
        guest.Write(stack + 0x3000, StackGuest.ReturnToHandler);
        var trace = guest.OfVcpu(StackGuest.Leaf + 4, stack + 0x3000);
        Assert.Null(trace.Incomplete);
        Assert.Equal("leaf+0x4 ret_from_fork+0x1", Text(trace));
    }

    [Fact]
    public void What_return_probes_replaced_is_found_by_its_place()
    {
        var guest = Sleeping(OrcForm.Signal, returnTo: StackGuest.RethookTrampoline);
        guest.Set(StackGuest.Task, "task_struct", "rethooks.first", StackGuest.Free + 0x100 + guest.Offset("rethook_node", "llist"));
        for (var i = 1UL; i <= 3; i++)
        {
            var node = StackGuest.Free + i * 0x100;
            guest.Set(node, "rethook_node", "llist.next", i == 3 ? 0 : node + 0x100 + guest.Offset("rethook_node", "llist"));
            guest.Set(node, "rethook_node", "frame", i == 1 ? At + 0x108 : At + guest.FrameSize);
            guest.Set(node, "rethook_node", "ret_addr", i == 2 ? StackGuest.RethookTrampoline : StackGuest.Caller + 0x10);
        }

        Assert.Equal("schedule+0x20 caller+0x10 entry+0x8 0x0000000000401000", Text(guest.OfThread()));
    }

    [Fact]
    public void Code_of_a_module_is_unwound_and_named_by_the_module_s_own_tables()
    {
        var guest = Sleeping(OrcForm.Signal, returnTo: StackGuest.ModuleText + 0x1018);
        AddModule(guest);
        guest.WriteTable(StackGuest.Free, StackGuest.Free + 0x100, StackGuest.ModuleText + 0x1000, 5, 0x20);
        guest.Write(At + guest.FrameSize + 8 + 0x18, StackGuest.RetFromFork + 1);
        var stack = guest.OfThread();
        Assert.Null(stack.Incomplete);
        Assert.Equal("schedule+0x20 second+0x8 [dummy] ret_from_fork+0x1", Text(stack));
        Assert.Equal(("dummy", 0x1018UL), (stack[1].Module, stack[1].ModuleOffset));
    }

    [Fact]
    public void A_module_without_names_is_named_itself()
    {
        var guest = Sleeping(OrcForm.Signal, returnTo: StackGuest.ModuleText + 0x1018);
        AddModule(guest);
        guest.Set(StackGuest.Module + 0x400, "mod_kallsyms", "num_symtab", uint.MaxValue);
        Assert.Equal("[dummy]+0x1018", guest.OfThread()[1].ToString());
    }

    [Fact]
    public void A_kernel_with_frame_pointers_is_unwound_by_them()
    {
        var guest = new StackGuest(OrcForm.None);
        guest.Wait(At, StackGuest.Schedule + 4, At + 0x100);
        guest.Write(At + 0x100, At + 0x200);
        guest.Write(At + 0x108, StackGuest.Caller + 8);
        // Entry code leaves the address of the registers that it saved, with bit 0 set.
        guest.Write(At + 0x200, Registers | 1);
        guest.Write(At + 0x208, StackGuest.Entry + 8);
        guest.WriteRegisters(Registers, ("ip", 0x401000), ("cs", 0x33));
        var stack = guest.OfThread();
        Assert.Null(stack.Incomplete);
        Assert.Equal("schedule+0x4 caller+0x8 entry+0x8 0x0000000000401000", Text(stack));
        guest.Write(At + 0x200, 0);
        Assert.Equal("schedule+0x4 caller+0x8 entry+0x8", Text(guest.OfThread()));
        Assert.Null(guest.OfThread().Incomplete);
    }

    [Fact]
    public void In_user_mode_there_is_only_the_program()
    {
        var stack = new StackGuest(OrcForm.Signal).OfVcpu(0x401000, 0x7fff_0000, cs: 0x33);
        var frame = Assert.Single(stack);
        Assert.True(frame.IsUserMode);
        Assert.Null(stack.Incomplete);
        Assert.Equal((0x401000UL, null), (frame.Address.Value, frame.Interrupted));
    }

    [Fact]
    public void A_thread_that_runs_where_no_registers_are_known_says_so()
    {
        var guest = Sleeping(OrcForm.Signal);
        guest.Set(StackGuest.Task, "task_struct", "on_cpu", 1);
        Assert.Empty(guest.OfThread());
        Assert.Contains("runs", guest.OfThread().Incomplete);
        guest.Set(StackGuest.Task, "task_struct", "on_cpu", 0);
        guest.Set(StackGuest.Task, "task_struct", "stack", 0);
        Assert.Empty(guest.OfThread());
        Assert.Null(guest.OfThread().Incomplete);
    }

    internal static void AddModule(StackGuest guest)
    {
        const ulong symbols = StackGuest.Module + 0x500;
        const ulong names = StackGuest.Module + 0x600;
        guest.Write(StackGuest.Modules, StackGuest.Module + guest.Offset("module", "list"));
        guest.Write(StackGuest.Module + guest.Offset("module", "list"), StackGuest.Modules);
        guest.Write(StackGuest.Module + guest.Offset("module", "name"), Encoding.ASCII.GetBytes("dummy"));
        guest.Write(StackGuest.Module + guest.Offset("module", "mem"), StackGuest.ModuleText);
        guest.Write(StackGuest.Module + guest.Offset("module", "mem") + 8, 0x4000);
        guest.Set(StackGuest.Module, "module", "arch.num_orcs", 1);
        guest.Set(StackGuest.Module, "module", "arch.orc_unwind_ip", StackGuest.Free);
        guest.Set(StackGuest.Module, "module", "arch.orc_unwind", StackGuest.Free + 0x100);
        guest.Set(StackGuest.Module, "module", "kallsyms", StackGuest.Module + 0x400);
        guest.Set(StackGuest.Module + 0x400, "mod_kallsyms", "symtab", symbols);
        guest.Set(StackGuest.Module + 0x400, "mod_kallsyms", "num_symtab", 4);
        guest.Set(StackGuest.Module + 0x400, "mod_kallsyms", "strtab", names);
        guest.Write(names, "\0first\0second\0other\0"u8);
        // st_name, then st_shndx in the upper 16 bits; st_value. The last is not defined: it does not count.
        (uint Name, ulong Section, ulong Value)[] entries =
            [(0, 0, 0), (1, 1, StackGuest.ModuleText), (7, 1, StackGuest.ModuleText + 0x1010), (14, 0, StackGuest.ModuleText + 0x1014)];
        for (var i = 0; i < entries.Length; i++)
        {
            guest.Write(symbols + (ulong)i * 24, entries[i].Name | entries[i].Section << 48);
            guest.Write(symbols + (ulong)i * 24 + 8, entries[i].Value);
        }
    }
}
