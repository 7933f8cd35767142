namespace Vmi;

/// <summary>A kind of CPU: how it translates addresses, what its registers and breakpoints are.</summary>
public abstract class Architecture
{
    private protected Architecture()
    {
    }

    /// <summary>The name in the field's own words: "AMD64".</summary>
    public abstract string Name { get; }

    /// <summary>The instruction that raises a breakpoint exception: 0xCC on AMD64.</summary>
    public abstract ReadOnlySpan<byte> BreakpointInstruction { get; }

    /// <summary>Walks the page tables.</summary>
    internal abstract bool TryTranslate(
        PageTableReader tables, Va va, Pa root, PagingMode mode, out PageTranslation translation, out TranslationFault fault);

    /// <summary>Walks the page tables and keeps each entry.</summary>
    internal abstract PageWalk Walk(PageTableReader tables, Va va, Pa root, PagingMode mode);

    /// <summary>The size of the aligned block around an address of which nothing is mapped, if a walk for it ended with a fault.</summary>
    internal abstract ulong UnmappedBytes(in TranslationFault fault, PagingMode mode);
}
