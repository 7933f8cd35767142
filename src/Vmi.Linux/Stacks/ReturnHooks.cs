using System.Buffers.Binary;
using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// The return addresses that the kernel's tracers replaced on a thread's stack: the function graph tracer by `return_to_handler`
/// (kernel/trace/fgraph.c), return probes by `arch_rethook_trampoline` (kernel/trace/rethook.c). Both note the place and what was there.
/// </summary>
/// <param name="kernel">What reads.</param>
/// <param name="task">The thread's `task_struct`; null if it is not known.</param>
internal sealed class ReturnHooks(KernelReader kernel, StructReader? task)
{
    // FTRACE_RETFUNC_DEPTH entries, or SHADOW_STACK_SIZE bytes: a page in both.
    private const ulong LargestGraphStack = 16 * 1024;
    private const int MostHooks = 4096;

    private readonly ulong _graph = AddressOf(kernel, "return_to_handler");
    private readonly ulong _probe = AddressOf(kernel, "arch_rethook_trampoline");

    /// <summary>The real return address.</summary>
    /// <param name="address">What is on the stack.</param>
    /// <param name="place">Where on the stack.</param>
    /// <param name="isKnown">Whether this is the real one: false if it was replaced and not found.</param>
    public ulong Recover(ulong address, ulong place, out bool isKnown)
    {
        isKnown = true;
        if (address == _graph && _graph != 0)
            isKnown = TryFindInGraph(place, out address);
        if (address == _probe && _probe != 0)
            isKnown = TryFindProbe(place, out address);
        return address;
    }

    private static ulong AddressOf(KernelReader kernel, string symbol) =>
        kernel.Kernel.Profile.TryGetSymbol(symbol, out var address) ? address.Value : 0;

    /// <summary>
    /// Whether code is the graph tracer's handler, which a function has returned into: where it goes on then, and the stack pointer there.
    /// </summary>
    public bool TryFindReturn(ulong address, ulong sp, out ulong returnAddress, out ulong returnSp)
    {
        (returnAddress, returnSp) = (0, 0);
        if (_graph == 0 || kernel.Kernel.Profile.Resolve(new Va(address)) is not { } at || address - at.Offset != _graph)
            return false;
        foreach (var (place, original) in ReplacedByGraph())
        {
            if (place < sp || returnSp != 0 && place >= returnSp)
                continue;
            (returnAddress, returnSp) = (original, place + sizeof(ulong));
        }

        return returnSp != 0;
    }

    private bool TryFindInGraph(ulong place, out ulong address)
    {
        address = _graph;
        foreach (var replaced in ReplacedByGraph())
        {
            if (replaced.Place != place)
                continue;
            address = replaced.Original;
            return true;
        }

        return false;
    }

    /// <summary>
    /// What the graph tracer replaced, the latest first. Its stack is an array of `ftrace_ret_stack`, or of words among which these are:
    /// every place on the thread's stack is taken for such an entry's, if what would be its address is one.
    /// </summary>
    private IEnumerable<(ulong Place, ulong Original)> ReplacedByGraph()
    {
        var profile = kernel.Kernel.Profile;
        var layout = kernel.Layouts.StackTask;
        if (task is null || layout.GraphStack is not { } stack || layout.GraphIndex is not { } index
            || ElementSize(profile) is not { } element
            || !profile.TryGetField("ftrace_ret_stack", "ret", out var original)
            || !profile.TryGetField("ftrace_ret_stack", "retp", out var placed))
            yield break;
        // Of whole entries the index is that of the last; of words it is that of the first free one.
        var count = (long)(int)task.Read(index) + (element > sizeof(ulong) ? 1 : 0);
        var bytes = new byte[count > 0 ? Math.Min((ulong)count, LargestGraphStack / element) * element : 0];
        if (!kernel.TryRead(task.ReadVa(stack), bytes))
            yield break;
        var begin = task.Read(layout.Stack);
        for (var at = bytes.Length - sizeof(ulong); at >= 0; at -= sizeof(ulong))
        {
            var from = (long)at - (long)placed.Offset + (long)original.Offset;
            var place = Word(at);
            if (place - begin >= layout.StackSize || from < 0 || from > bytes.Length - sizeof(ulong))
                continue;
            // After a tail call two entries have the same place; the later one has only the handler.
            if (Word((int)from) is var found && found != _graph && new Va(found).IsUpperHalf)
                yield return (place, found);
        }

        ulong Word(int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
    }

    /// <summary>The size of what `task_struct.ret_stack` points to, which tells the two forms.</summary>
    private static ulong? ElementSize(Profile profile) =>
        profile.Types.TryFindMember("task_struct", "ret_stack", out var member)
        && profile.Types.TrySkipModifiers(member.TypeId, out var pointer) && pointer.Kind == BtfKind.Ptr
        && profile.Types.TryGetSize(pointer.TargetId, out var size) && size is >= sizeof(ulong) and <= 256 && size % sizeof(ulong) == 0
            ? size
            : null;

    private bool TryFindProbe(ulong place, out ulong address)
    {
        address = _probe;
        var profile = kernel.Kernel.Profile;
        if (task is null || kernel.Layouts.StackTask.ReturnHooks is not { } first
            || !profile.TryGetField("rethook_node", "llist.next", out var link)
            || !profile.TryGetField("rethook_node", "ret_addr", out var original)
            || !profile.TryGetField("rethook_node", "frame", out var placed))
            return false;
        var at = task.ReadVa(first);
        for (var left = MostHooks; left > 0 && !at.IsNull; left--)
        {
            var node = at - link.Offset;
            if (!kernel.TryReadVa(node + placed.Offset, out var frame) || !kernel.TryReadVa(node + original.Offset, out var found)
                || !kernel.TryReadVa(at, out at))
                return false;
            // Several probes of one function have the same place; the first of them saw the real address.
            if (frame.Value == place && found.Value != _probe)
            {
                address = found.Value;
                return true;
            }
        }

        return false;
    }
}
