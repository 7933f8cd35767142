using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// What of `struct task_struct` a stack trace needs, with the `struct inactive_task_frame` on the stack of a thread that waits.
/// </summary>
internal sealed class StackTaskLayout : StructLayout
{
    private const ulong UsualStackSize = 16 * 1024;
    private const ulong LargestStackSize = 64 * 1024;
    private const ulong LargestInactiveFrame = 4096;

    public StackTaskLayout(Profile profile)
        : base(profile, "task_struct")
    {
        Stack = Number("stack");
        StackPointer = Number("thread.sp");
        OnCpu = OptionalNumber("on_cpu");
        GraphStack = OptionalNumber("ret_stack");
        GraphIndex = OptionalNumber("curr_ret_stack");
        ReturnHooks = OptionalNumber("rethooks.first");
        InactiveBp = profile.Field("inactive_task_frame", "bp");
        InactiveReturn = profile.Field("inactive_task_frame", "ret_addr");
        InactiveSize = Math.Min(profile.SizeOf("inactive_task_frame"), LargestInactiveFrame);
        StackSize = profile.TryGetSize("thread_union", out var size) && size is >= Frame.Size and <= LargestStackSize && ulong.IsPow2(size)
            ? size
            : UsualStackSize;
    }

    /// <summary>The lowest address of its stack.</summary>
    public Field Stack { get; }

    /// <summary>The stack pointer while it does not run.</summary>
    public Field StackPointer { get; }

    public Field? OnCpu { get; }

    /// <summary>The return addresses that the function graph tracer replaced.</summary>
    public Field? GraphStack { get; }

    public Field? GraphIndex { get; }

    /// <summary>The return addresses that return probes replaced.</summary>
    public Field? ReturnHooks { get; }

    public Field InactiveBp { get; }

    public Field InactiveReturn { get; }

    public ulong InactiveSize { get; }

    /// <summary>`THREAD_SIZE`, to which stacks are also aligned.</summary>
    public ulong StackSize { get; }
}
