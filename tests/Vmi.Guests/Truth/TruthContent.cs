using System.Text;

namespace Vmi.Guests;

/// <summary>Known content in the memory of a process of the zoo.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Name">What it is, such as <c>secret</c>, <c>narrow</c> or <c>wide</c>.</param>
/// <param name="IsWide">Whether it is UTF-16; otherwise it is Latin-1.</param>
/// <param name="Address">Where it begins.</param>
/// <param name="Bytes">What is there, without a terminator.</param>
public sealed record TruthContent(int ProcessId, string Name, bool IsWide, ulong Address, byte[] Bytes)
{
    /// <summary><see cref="Bytes"/> as text.</summary>
    public string Text => (IsWide ? Encoding.Unicode : Encoding.Latin1).GetString(Bytes);
}
