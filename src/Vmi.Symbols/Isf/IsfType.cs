namespace Vmi.Symbols;

/// <summary>A type as ISF refers to it (Volatility 3, schema 4.0 to 6.2): a description that may hold another one.</summary>
/// <param name="Kind">`base`, `pointer`, `array`, `struct`, `union`, `class`, `enum`, `bitfield`, `function`.</param>
/// <param name="Name">What it is called, where it has a name.</param>
/// <param name="Target">What a pointer points to, an array or a bit field consists of.</param>
/// <param name="Count">The elements of an array.</param>
/// <param name="BitPosition">Of a bit field, the lowest bit within the number at its offset.</param>
/// <param name="BitLength">Of a bit field, its bits.</param>
internal sealed record IsfType(string Kind, string Name, IsfType? Target, uint Count, uint BitPosition, uint BitLength);
