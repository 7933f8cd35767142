namespace Vmi;

/// <summary>A page walk, entry by entry, and how it ended.</summary>
/// <param name="context">What was looked up.</param>
/// <param name="entries">The entries read, from the root down.</param>
/// <param name="translation">The result; null if the walk ended in a fault.</param>
/// <param name="fault">The fault; its cause is <see cref="TranslationFaultCause.None"/> if there was none.</param>
public sealed class PageWalk(
    AddressContext context, IReadOnlyList<PageWalkEntry> entries, PageTranslation? translation, TranslationFault fault)
{
    /// <summary>What was looked up.</summary>
    public AddressContext Context { get; } = context;

    /// <summary>The entries read, from the root down; the last one is the leaf, or the one that ended the walk.</summary>
    public IReadOnlyList<PageWalkEntry> Entries { get; } = entries;

    /// <summary>The result; null if the walk ended in a fault.</summary>
    public PageTranslation? Translation { get; } = translation;

    /// <summary>The fault; its cause is <see cref="TranslationFaultCause.None"/> if there was none.</summary>
    public TranslationFault Fault { get; } = fault;
}
