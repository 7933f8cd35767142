namespace Vmi.Dumps;

/// <summary>The bytes of a memory file: as they lie in the file, or as they are once what the file packs them into is undone.</summary>
internal abstract class FileContent : IDisposable
{
    /// <summary>The path it was opened by.</summary>
    public abstract string Path { get; }

    /// <summary>Bytes, as it was opened.</summary>
    public abstract long Length { get; }

    /// <summary>What the file packs the content into, with a space after it, for the driver's name: "flattened "; else empty.</summary>
    public virtual string Wrapping => "";

    /// <summary>Whether the bytes are mapped.</summary>
    public virtual bool IsMapped => false;

    /// <summary>Hands out bytes without copying them. False if they are read or unpacked, not mapped.</summary>
    public virtual bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span)
    {
        span = default;
        return false;
    }

    /// <summary>
    /// Copies bytes and returns how many there were: fewer only at the end, if the file was shortened, or where it can't be unpacked.
    /// </summary>
    /// <exception cref="VmiDriverException">The file can't be read.</exception>
    public abstract int Read(long offset, Span<byte> destination);

    /// <summary>A frame that need not be copied; null if it has to be.</summary>
    public virtual VmiMappedPage? Page(Gfn gfn, long offset) => null;

    /// <summary>Copies bytes of which each must be there.</summary>
    /// <exception cref="VmiFormatException">One is not.</exception>
    /// <exception cref="VmiDriverException">The file can't be read.</exception>
    public void ReadAll(long offset, Span<byte> destination)
    {
        if (Read(offset, destination) != destination.Length)
            throw new VmiFormatException($"{Path} was shortened while it was read, or is corrupt at offset {offset}.");
    }

    /// <summary>Closes the file. A mapping stays until nothing refers to it.</summary>
    public abstract void Dispose();
}
