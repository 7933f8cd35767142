namespace Vmi.Linux;

/// <summary>Pages of a file that lie one behind the other, in the file and in physical memory.</summary>
/// <param name="Index">The first one's place in the file, in pages.</param>
/// <param name="Count">How many.</param>
/// <param name="Address">Where the first one is; null if they are not in memory.</param>
internal readonly record struct PageRun(ulong Index, ulong Count, Pa? Address);
