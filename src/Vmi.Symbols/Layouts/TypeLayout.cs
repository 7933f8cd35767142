namespace Vmi.Symbols;

/// <summary>How a type is laid out: what `vmi type NAME` shows.</summary>
/// <param name="Kind">Structure, union, enumeration, typedef, or another kind.</param>
/// <param name="Name">The name as C writes it: `struct task_struct`, `atomic_t`.</param>
/// <param name="Size">Bytes; null for what has no size (a structure only declared, a function).</param>
/// <param name="Target">What a typedef stands for; else null.</param>
/// <param name="Members">The members of a structure or union, also of that behind a typedef.</param>
/// <param name="Enumerators">The enumerators of an enumeration, also of that behind a typedef.</param>
public sealed record TypeLayout(
    BtfKind Kind, string Name, ulong? Size, string? Target, IReadOnlyList<TypeMember> Members,
    IReadOnlyList<BtfEnumerator> Enumerators)
{
    /// <summary>The layout in C's form, each member after its offset and size in bytes.</summary>
    public override string ToString() => LayoutText.Of(this);
}
