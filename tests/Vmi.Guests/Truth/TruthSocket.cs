namespace Vmi.Guests;

/// <summary>A socket, from a table of <c>/proc/net</c>: what that table says of it, in one form for all.</summary>
/// <param name="Inode">The inode's number; 0 where no process holds it.</param>
/// <param name="Text">Of the addresses and so on: the columns as they are printed that say what it is.</param>
public sealed record TruthSocket(ulong Inode, string Text);
