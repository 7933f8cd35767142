using Microsoft.Win32.SafeHandles;

namespace Vmi.Qemu;

/// <summary>
/// A file that QEMU shares guest memory through, mapped here. Pages that the guest never touched are holes in it: they are never
/// touched through the mapping either, since that would fill them, and where the file system has no room it would kill this process.
/// </summary>
internal sealed class SharedFile
{
    private const int SeekData = 3;
    private const int SeekHole = 4;

    private readonly SafeFileHandle _handle;

    /// <summary>A bit a page, set once the page is known to be there.</summary>
    private readonly int[] _populated;

    private SharedFile(SafeFileHandle handle, HostMapping mapping)
    {
        _handle = handle;
        Mapping = mapping;
        _populated = new int[(mapping.Length / Frame.Size / 32) + 1];
    }

    /// <summary>The mapping.</summary>
    public HostMapping Mapping { get; }

    /// <summary>Maps the start of a file; null if the file is shorter.</summary>
    /// <exception cref="IOException">The file can't be opened or mapped.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to open it so.</exception>
    public static SharedFile? Open(string path, long length, bool writable)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            // Pages beyond a file's end can't be touched.
            return RandomAccess.GetLength(handle) < length ? null : new SharedFile(handle, HostMapping.Open(path, length, writable));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Whether all bytes of a part are there, so that touching them changes nothing.</summary>
    public bool IsPopulated(long offset, int length)
    {
        var last = (offset + Math.Max(length, 1) - 1) / Frame.Size;
        for (var page = offset / Frame.Size; page <= last; page++)
        {
            if ((Volatile.Read(ref _populated[page / 32]) & (1 << (int)(page % 32))) == 0 && !Probe(page))
                return false;
        }
        return true;
    }

    /// <summary>Copies a part; pages that are not there read as zeros, as the guest would read them.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var part = destination[..Math.Min(destination.Length, Frame.Size - (int)(offset % Frame.Size))];
            if (IsPopulated(offset, part.Length))
                Mapping.Span(offset, part.Length).CopyTo(part);
            else
                part.Clear();
            offset += part.Length;
            destination = destination[part.Length..];
        }
        GC.KeepAlive(this);
    }

    /// <summary>Asks the file system where data is, and notes the whole run that begins at the page.</summary>
    private bool Probe(long page)
    {
        var start = page * Frame.Size;
        if (Native.Seek(_handle, start, SeekData) != start)
            return false;
        var end = Math.Min(Native.Seek(_handle, start, SeekHole) / Frame.Size, Mapping.Length / Frame.Size);
        for (var found = page; found < Math.Max(end, page + 1); found++)
            Interlocked.Or(ref _populated[found / 32], 1 << (int)(found % 32));
        return true;
    }
}
