namespace Vmi;

/// <summary>A virtual address together with the page-table root that gives it its meaning.</summary>
/// <param name="Va">The virtual address.</param>
/// <param name="Root">The physical address of the top-level page table (the address bits of CR3 on AMD64).</param>
public readonly record struct AddressContext(Va Va, Pa Root)
{
    /// <summary>The context of an address and its root.</summary>
    public static implicit operator AddressContext((Va Va, Pa Root) pair) => new(pair.Va, pair.Root);

    /// <summary>The same root, <paramref name="offset"/> bytes above.</summary>
    public static AddressContext operator +(AddressContext context, ulong offset) => context with { Va = context.Va + offset };

    /// <summary>The same root, <paramref name="offset"/> bytes below.</summary>
    public static AddressContext operator -(AddressContext context, ulong offset) => context with { Va = context.Va - offset };

    /// <summary>`address @ root`.</summary>
    public override string ToString() => $"{Va} @ {Root}";
}
