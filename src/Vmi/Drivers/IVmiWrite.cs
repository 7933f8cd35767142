namespace Vmi;

/// <summary>The ability to write guest physical memory.</summary>
public interface IVmiWrite : IVmiDriver
{
    /// <summary>Writes memory and returns how many bytes were written before the first address that can't be.</summary>
    /// <exception cref="VmiDriverException">The VM is gone, or refuses writes now.</exception>
    int Write(Pa address, ReadOnlySpan<byte> source);
}
