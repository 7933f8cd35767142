namespace Vmi.Guests;

/// <summary>An open file, from <c>/proc/PID/fd</c> and <c>/proc/PID/fdinfo</c>.</summary>
/// <param name="Descriptor">Its number.</param>
/// <param name="Path">What the link shows.</param>
/// <param name="Flags">How it was opened.</param>
/// <param name="Position">Where the next read begins.</param>
public sealed record TruthOpenFile(int Descriptor, string Path, uint Flags, ulong Position);
