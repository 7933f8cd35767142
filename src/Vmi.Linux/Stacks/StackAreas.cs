namespace Vmi.Linux;

/// <summary>
/// The stacks that a trace may go over. Each is entered once, which bounds the switches between them, whatever the guest wrote there.
/// </summary>
internal sealed class StackAreas(KernelReader kernel)
{
    private readonly List<StackArea> _others = [];

    /// <summary>The stack that the trace is on; null before the first.</summary>
    public StackArea? Current { get; private set; }

    public void Add(ulong begin, ulong size) => _others.Add(new StackArea(kernel, begin, size));

    /// <summary>Whether a stack pointer is on the current stack, or on one that becomes it.</summary>
    public bool TryEnter(ulong stackPointer) => TryEnter(area => area.Holds(stackPointer));

    /// <summary>Reads a word of the current stack, or of one that becomes it.</summary>
    public bool TryRead(ulong address, out ulong value)
    {
        value = 0;
        return address % sizeof(ulong) == 0 && TryEnter(area => area.HasWord(address)) && Current!.TryRead(address, out value);
    }

    private bool TryEnter(Predicate<StackArea> isMeant)
    {
        if (Current is not null && isMeant(Current))
            return true;
        var index = _others.FindIndex(isMeant);
        if (index < 0)
            return false;
        Current = _others[index];
        _others.RemoveAt(index);
        return true;
    }
}
