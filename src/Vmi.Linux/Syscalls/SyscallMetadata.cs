namespace Vmi.Linux;

/// <summary>What the kernel says of one system call.</summary>
/// <param name="Number">The number, -1 if it has none.</param>
/// <param name="Parameters">Type and name of each parameter.</param>
internal sealed record SyscallMetadata(int Number, IReadOnlyList<(string Type, string Name)> Parameters);
