namespace Vmi.Symbols;

/// <summary>A member of a structure in ISF.</summary>
/// <param name="Name">Its name; empty if its own members are found as if they were the structure's.</param>
/// <param name="Offset">Bytes from the start of the structure.</param>
/// <param name="Type">What it is.</param>
internal sealed record IsfField(string Name, uint Offset, IsfType Type);
