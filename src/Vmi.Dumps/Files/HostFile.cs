using Microsoft.Win32.SafeHandles;

namespace Vmi.Dumps;

/// <summary>
/// A file of the host, mapped if nobody could shorten it when it was opened, else read: a mapped page that is cut off the file would
/// end this process (SIGBUS), a read of it just comes back short.
/// </summary>
internal sealed class HostFile : FileContent
{
    private const int Regular = 0x8000, Directory = 0x4000, Fifo = 0x1000, CharacterDevice = 0x2000, BlockDevice = 0x6000, Socket = 0xc000;

    private readonly HostMapping? _mapping;
    private readonly SafeFileHandle? _handle;

    private HostFile(string path, long length, HostMapping? mapping, SafeFileHandle? handle)
    {
        Path = path;
        Length = length;
        _mapping = mapping;
        _handle = handle;
    }

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override bool IsMapped => _mapping is not null;

    /// <summary>Opens a file that is not empty.</summary>
    /// <exception cref="VmiDriverException">It can't be opened, or is no regular file.</exception>
    /// <exception cref="VmiFormatException">It is empty.</exception>
    public static HostFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RefuseWhatIsNoFile(path);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            if (length == 0)
                throw new VmiFormatException($"{path} is empty.");
            if (!OperatingSystem.IsLinux() || !NativeMethods.HasNoWriter(handle))
            {
                var file = new HostFile(path, length, null, handle);
                handle = null;
                return file;
            }

            // By its descriptor, so that it is the file that was asked about, whatever the path names meanwhile.
            var mapping = HostMapping.Open($"/proc/self/fd/{handle.DangerousGetHandle()}", length);
            return new HostFile(path, length, mapping, null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new VmiDriverException($"{path} does not exist.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new VmiDriverException($"{path} can't be read: no permission. Open it as its owner, or change its mode.", error);
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            throw new VmiDriverException($"{path} can't be opened: {error.Message}", error);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <inheritdoc/>
    public override bool TryGetSpan(long offset, int length, out ReadOnlySpan<byte> span)
    {
        span = _mapping is null ? default : _mapping.Span(offset, length);
        return _mapping is not null;
    }

    /// <inheritdoc/>
    public override int Read(long offset, Span<byte> destination)
    {
        if (_mapping is not null)
        {
            var count = (int)Math.Clamp(Length - offset, 0, destination.Length);
            if (count > 0)
                _mapping.Span(offset, count).CopyTo(destination);
            GC.KeepAlive(_mapping);
            return count;
        }

        try
        {
            var done = 0;
            while (done < destination.Length)
            {
                var count = RandomAccess.Read(_handle!, destination[done..], offset + done);
                if (count == 0)
                    break;
                done += count;
            }
            return done;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new VmiDriverException($"{Path} can't be read: {error.Message}", error);
        }
    }

    /// <summary>A frame as a window on the mapping; null if the file is read, not mapped.</summary>
    public override VmiMappedPage? Page(Gfn gfn, long offset) => _mapping?.Page(gfn, offset);

    /// <summary>Closes the file if it is read. A mapping stays until nothing refers to it.</summary>
    public override void Dispose() => _handle?.Dispose();

    /// <summary>Before it is opened: opening a FIFO waits for its writer.</summary>
    private static void RefuseWhatIsNoFile(string path)
    {
        if (System.IO.Directory.Exists(path))
            throw new VmiDriverException($"{path} is a directory, not a memory file.");
        if (!OperatingSystem.IsLinux())
            return;
        var kind = NativeMethods.FileType(path) switch
        {
            0 or Regular => null,
            Directory => "a directory",
            Fifo => "a FIFO",
            CharacterDevice => "a character device",
            BlockDevice => "a block device",
            Socket => "a socket",
            _ => "no regular file",
        };
        if (kind is not null)
            throw new VmiDriverException($"{path} is {kind}, not a memory file.");
    }
}
