namespace Vmi.Symbols;

/// <summary>A member of a structure or union as BTF has it (`struct btf_member`).</summary>
/// <param name="Name">The name; empty for an anonymous structure or union.</param>
/// <param name="TypeId">The id of its type.</param>
/// <param name="BitOffset">Bits from the start of the structure.</param>
/// <param name="BitCount">The width of a bit field in bits; 0 for other members.</param>
public readonly record struct BtfMember(string Name, int TypeId, ulong BitOffset, int BitCount);
