namespace Vmi;

/// <summary>
/// What every read and write takes: an address and how to translate it. Converts by itself from a <see cref="Pa"/>, from a
/// (<see cref="Va"/>, root) pair, from an <see cref="AddressContext"/>, and from a bare <see cref="Va"/>, which only something
/// that knows a vCPU's registers (<see cref="VmiState{TOs}"/>, <see cref="VmiContext{TOs}"/>) can read.
/// </summary>
public readonly record struct AccessContext
{
    private AccessContext(ulong address, Pa root, TranslationMechanism mechanism)
    {
        Address = address;
        Root = root;
        Mechanism = mechanism;
    }

    /// <summary>The address: physical if <see cref="Mechanism"/> is <see cref="TranslationMechanism.Direct"/>, else virtual.</summary>
    public ulong Address { get; private init; }

    /// <summary>The page-table root; meaningful with <see cref="TranslationMechanism.Paging"/> only.</summary>
    public Pa Root { get; }

    /// <summary>How the address is translated.</summary>
    public TranslationMechanism Mechanism { get; }

    /// <summary>A physical address, used as it is.</summary>
    public static AccessContext Direct(Pa address) => new(address.Value, default, TranslationMechanism.Direct);

    /// <summary>A virtual address below a given root.</summary>
    public static AccessContext Paging(Va address, Pa root) => new(address.Value, root, TranslationMechanism.Paging);

    /// <summary>A virtual address below the root that the reading state chooses.</summary>
    public static AccessContext Current(Va address) => new(address.Value, default, TranslationMechanism.CurrentPaging);

    /// <summary>A physical address, used as it is.</summary>
    public static implicit operator AccessContext(Pa address) => Direct(address);

    /// <summary>A virtual address below the root that the reading state chooses.</summary>
    public static implicit operator AccessContext(Va address) => Current(address);

    /// <summary>A virtual address below a given root.</summary>
    public static implicit operator AccessContext(AddressContext context) => Paging(context.Va, context.Root);

    /// <summary>A virtual address below a given root.</summary>
    public static implicit operator AccessContext((Va Va, Pa Root) pair) => Paging(pair.Va, pair.Root);

    /// <summary>The same translation, <paramref name="offset"/> bytes above.</summary>
    public static AccessContext operator +(AccessContext context, ulong offset) =>
        context with { Address = unchecked(context.Address + offset) };

    /// <summary>The same translation, <paramref name="offset"/> bytes below.</summary>
    public static AccessContext operator -(AccessContext context, ulong offset) =>
        context with { Address = unchecked(context.Address - offset) };

    /// <summary>The address, and the root where there is one.</summary>
    public override string ToString() => Mechanism switch
    {
        TranslationMechanism.Direct => new Pa(Address).ToString(),
        TranslationMechanism.Paging => new AddressContext(new Va(Address), Root).ToString(),
        _ => new Va(Address).ToString(),
    };
}
