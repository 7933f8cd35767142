namespace Vmi.Symbols;

/// <summary>A member in the layout of a structure or union.</summary>
/// <param name="Name">The name; empty for an anonymous structure or union.</param>
/// <param name="TypeName">The type as C writes it: `struct list_head *`, `char[16]`.</param>
/// <param name="Declaration">The member as C declares it, without the semicolon: `int (*fn)(void *)`, `unsigned int flag:1`.</param>
/// <param name="Offset">Bytes from the start of the outermost structure; of a bit field, to the integer that holds it.</param>
/// <param name="Size">Bytes; of a bit field, of the integer that holds it. 0 for a flexible array.</param>
/// <param name="BitOffset">A bit field's lowest bit within that integer; else null.</param>
/// <param name="BitCount">A bit field's width; else null.</param>
/// <param name="Members">The members of a structure or union that has no name of its own; else empty.</param>
public sealed record TypeMember(
    string Name, string TypeName, string Declaration, ulong Offset, ulong Size, int? BitOffset, int? BitCount,
    IReadOnlyList<TypeMember> Members);
