namespace Vmi.Dumps;

/// <summary>
/// A raw image: the byte at offset N of the file is the one at physical address N (QEMU's `pmemsave`, a file that backs guest memory,
/// `dd`). It says nothing of holes (they read as what the file has there), vCPUs or registers.
/// </summary>
public sealed class RawDriver : MemoryFileDriver
{
    private RawDriver(FileContent file) : base("raw image", file, [new FileRun(0, (ulong)file.Length, 0)], vcpus: 0)
    {
    }

    /// <summary>Opens a file as a raw image, whatever its content.</summary>
    /// <param name="path">The file; its size is a multiple of 4 KiB.</param>
    /// <exception cref="VmiFormatException">Its size is none that a raw image can have.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static RawDriver Open(string path) => MemoryFile.Open(path, Open);

    internal static RawDriver Open(FileContent file)
    {
        if (file.Length % Frame.Size != 0)
            throw new VmiFormatException($"{file.Path} is not a raw image: its size of {file.Length} bytes is no multiple of 4 KiB.");
        if (!FileRun.IsSane(0, (ulong)file.Length))
            throw new VmiFormatException($"{file.Path} is not a raw image: it has more bytes than 52-bit physical addresses reach.");
        return new RawDriver(file);
    }
}
