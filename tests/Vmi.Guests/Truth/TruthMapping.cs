namespace Vmi.Guests;

/// <summary>A line of the guest's <c>/proc/PID/maps</c>.</summary>
/// <param name="Start">The first address.</param>
/// <param name="End">The address after the last.</param>
/// <param name="Protection">Four letters, such as <c>rw-p</c>.</param>
/// <param name="Offset">The offset in the file, in bytes.</param>
/// <param name="Device">The device's numbers, such as <c>00:01</c>.</param>
/// <param name="Inode">The file's inode, or 0.</param>
/// <param name="RawPath">
/// The path as it is, with a line feed for <c>\012</c>; also names such as <c>[stack]</c>, and with <c> (deleted)</c> at its end for a
/// file that is gone. Empty if there is none.
/// </param>
public sealed record TruthMapping(ulong Start, ulong End, string Protection, ulong Offset, string Device, ulong Inode, byte[] RawPath)
{
    /// <summary><see cref="RawPath"/> as text; bytes that are not UTF-8 are escaped <c>\xNN</c>. Null if there is none.</summary>
    public string? Path => RawPath.Length == 0 ? null : TruthText.Decode(RawPath);
}
