using System.IO.MemoryMappedFiles;

namespace Vmi;

/// <summary>
/// A file of the host (a memory file, the memory of a VM) mapped into this process. It is unmapped when nothing refers to it any
/// more, never while a reader may still hold it: whoever uses a span of it keeps the mapping reachable meanwhile.
/// </summary>
public sealed unsafe class HostMapping
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private HostMapping(MemoryMappedViewAccessor view, long length)
    {
        _view = view;
        Length = length;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + view.PointerOffset;
        // Given back at once: a handle with a reference to it is never released, not even by its finalizer, which is what unmaps. Since
        // nobody disposes of the view, that is when this object, and with it the view, can't be reached any more.
        view.SafeMemoryMappedViewHandle.ReleasePointer();
    }

    /// <summary>Bytes mapped.</summary>
    public long Length { get; }

    /// <summary>Maps a whole file.</summary>
    /// <param name="path">The file; `/proc/PID/fd/N` names one that a process has open.</param>
    /// <param name="length">Bytes to map, at most the file's length; more than 0.</param>
    /// <param name="writable">Whether writes through the mapping reach the file.</param>
    /// <exception cref="IOException">The file can't be opened or mapped.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to open it so.</exception>
    public static HostMapping Open(string path, long length, bool writable = false)
    {
        var access = writable ? FileAccess.ReadWrite : FileAccess.Read;
        using var stream = new FileStream(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var mappedAccess = writable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
        using var file = MemoryMappedFile.CreateFromFile(stream, null, 0, mappedAccess, HandleInheritability.None, leaveOpen: true);
        return new HostMapping(file.CreateViewAccessor(0, length, mappedAccess), length);
    }

    /// <summary>A part of the mapping.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length) => new(Pointer(offset, length), length);

    /// <summary>A part of the mapping, to write into; only of a writable one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside.</exception>
    public Span<byte> WritableSpan(long offset, int length)
    {
        if (!_view.CanWrite)
            throw new InvalidOperationException("The mapping is read-only.");
        return new(Pointer(offset, length), length);
    }

    /// <summary>A frame of the mapping as a page that keeps it alive.</summary>
    public VmiMappedPage Page(Gfn gfn, long offset) => new(gfn, Pointer(offset, Frame.Size), this);

    private byte* Pointer(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if ((ulong)offset > (ulong)Length || length > Length - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{offset}+{length} is not inside a mapping of {Length} bytes.");
        return _start + offset;
    }
}
