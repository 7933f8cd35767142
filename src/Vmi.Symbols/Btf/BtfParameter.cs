namespace Vmi.Symbols;

/// <summary>A parameter of a function (`struct btf_param`).</summary>
/// <param name="Name">The name; empty where the source gives none.</param>
/// <param name="TypeId">The id of its type; 0 for the `...` that ends a variadic list.</param>
public readonly record struct BtfParameter(string Name, int TypeId);
