namespace Vmi;

/// <content>Translating addresses, and what is remembered of it.</content>
public abstract partial class VmiMemory
{
    /// <summary>The physical address of a virtual one.</summary>
    /// <exception cref="TranslationFaultException">Nothing is mapped there.</exception>
    public Pa TranslateAddress(AddressContext context) => TranslateAccessContext(context);

    /// <summary>The physical address of a virtual one.</summary>
    public bool TryTranslateAddress(AddressContext context, out Pa pa, out TranslationFault fault) =>
        TryTranslateAccessContext(context, out pa, out fault);

    /// <summary>The physical address of an access: of a physical one itself.</summary>
    /// <exception cref="TranslationFaultException">Nothing is mapped there.</exception>
    public Pa TranslateAccessContext(AccessContext context)
    {
        ThrowIfFault(TryTranslate(context, out var translation, out var fault), fault);
        return translation.Pa;
    }

    /// <summary>The physical address of an access: of a physical one itself.</summary>
    public bool TryTranslateAccessContext(AccessContext context, out Pa pa, out TranslationFault fault)
    {
        var succeeded = TryTranslate(context, out var translation, out fault);
        pa = translation.Pa;
        return succeeded;
    }

    /// <summary>
    /// What a virtual address translates to, with the page's size and rights. A physical address translates to itself, with all
    /// rights.
    /// </summary>
    public bool TryTranslate(AccessContext context, out PageTranslation translation, out TranslationFault fault)
    {
        if (context.Mechanism == TranslationMechanism.Direct)
        {
            fault = default;
            translation = new PageTranslation
            {
                Pa = new Pa(context.Address),
                PageShift = Frame.Shift,
                Writable = true,
                User = true,
                Executable = true,
            };
            return true;
        }

        translation = default;
        return TryResolve(context, out var root, out fault)
            && Machine.TryTranslate(new Va(context.Address), root, CurrentPagingMode, out translation, out fault);
    }

    /// <summary>Walks the page tables for an address and keeps every entry, for showing it. Never throws for what the guest has there.</summary>
    public PageWalk Walk(AddressContext context) => Machine.Walk(context.Va, context.Root, CurrentPagingMode);

    /// <summary>Forgets one frame; returns the page that <see cref="ReadPage"/> gave and that was still remembered.</summary>
    public VmiMappedPage? FlushGfnCacheEntry(Gfn gfn) => Machine.FlushPage(gfn);

    /// <summary>Forgets all frames.</summary>
    public void FlushGfnCache() => Machine.ClearPages();

    /// <summary>Forgets the translation of one page; returns what the address translated to if it was remembered.</summary>
    public Pa? FlushV2PCacheEntry(AccessContext context) =>
        context.Mechanism != TranslationMechanism.Direct
        && TryResolve(context, out var root, out _)
        && Machine.FlushTranslation(new Va(context.Address), root, CurrentPagingMode, out var pa) ? pa : null;

    /// <summary>
    /// Forgets all translations. Never needed for being right: resuming, the end of a handler call, and own writes to page tables
    /// do it by themselves.
    /// </summary>
    public void FlushV2PCache() => Machine.Invalidate();
}
