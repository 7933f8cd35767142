namespace Vmi;

/// <summary>A printable text in memory.</summary>
/// <param name="Address">Its first byte; physical or virtual, as was searched.</param>
/// <param name="Text">Its characters, all of them printable ASCII or tabs. At most <see cref="VmiLimits.StringBytes"/>: a longer
/// text continues in the next string.</param>
/// <param name="IsWide">Whether it stands there as UTF-16, little-endian; else a byte a character.</param>
public readonly record struct MemoryString(ulong Address, string Text, bool IsWide);
