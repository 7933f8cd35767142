namespace Vmi.Guests;

/// <summary>A line of the guest's <c>/proc/modules</c>.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Size">Its size in bytes, without the parts that were freed after loading.</param>
/// <param name="References">How many users it has.</param>
/// <param name="UsedBy">The modules among them.</param>
/// <param name="State"><c>Live</c>, <c>Loading</c> or <c>Unloading</c>.</param>
/// <param name="Address">Where its core begins.</param>
public sealed record TruthModule(string Name, ulong Size, int References, IReadOnlyList<string> UsedBy, string State, ulong Address);
