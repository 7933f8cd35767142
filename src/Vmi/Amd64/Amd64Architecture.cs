namespace Vmi.Amd64;

/// <summary>The AMD64 (x86-64, Intel 64) architecture, with its 32-bit modes.</summary>
public sealed class Amd64Architecture : Architecture
{
    private Amd64Architecture()
    {
    }

    /// <summary>The one object of this class.</summary>
    public static Amd64Architecture Instance { get; } = new();

    /// <summary>"AMD64".</summary>
    public override string Name => "AMD64";

    /// <summary>INT3: 0xCC.</summary>
    public override ReadOnlySpan<byte> BreakpointInstruction => [0xCC];

    internal override bool TryTranslate(
        PageTableReader tables, Va va, Pa root, PagingMode mode, out PageTranslation translation, out TranslationFault fault)
    {
        var observer = default(NoWalkObserver);
        return PageWalker.TryWalk(tables, va, root, mode, ref observer, out translation, out fault);
    }

    internal override PageWalk Walk(PageTableReader tables, Va va, Pa root, PagingMode mode)
    {
        var recorder = new WalkRecorder();
        var succeeded = PageWalker.TryWalk(tables, va, root, mode, ref recorder, out var translation, out var fault);
        return new PageWalk((va, root), recorder.Entries, succeeded ? translation : null, fault);
    }

    /// <remarks>What is not canonical lies between two halves of equal size.</remarks>
    internal override ulong UnmappedBytes(in TranslationFault fault, PagingMode mode) => 1UL << (fault, mode.Levels) switch
    {
        ({ Level: > 0 }, _) => PageTableEntry.PageShift(fault.Level, mode),
        (_, PagingLevels.Four) => 47,
        (_, PagingLevels.Five) => 56,
        _ => 63,
    };
}
