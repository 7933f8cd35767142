namespace Vmi.Qemu;

/// <summary>A run of guest physical memory and where its bytes are on the host.</summary>
/// <param name="Start">The first guest physical address.</param>
/// <param name="Length">Bytes; not 0.</param>
/// <param name="HostAddress">The first byte's address in the QEMU process.</param>
/// <param name="Writable">False for ROM.</param>
/// <param name="File">The file that shares it, mapped here; null if there is none.</param>
/// <param name="FileOffset">Where in the file the run begins.</param>
/// <param name="IsAnonymous">Whether it is the process's own memory, with no file below it.</param>
internal readonly record struct GuestRange(
    ulong Start, ulong Length, ulong HostAddress, bool Writable, SharedFile? File, long FileOffset, bool IsAnonymous)
{
    /// <summary>How much of a transfer that begins inside, at <paramref name="address"/>, lies inside.</summary>
    public int Clip(ulong address, int length) => (int)Math.Min((ulong)length, Length - (address - Start));
}
