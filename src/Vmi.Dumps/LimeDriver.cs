using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// A LiME file, version 1: ranges of physical memory, each behind a header of its own (LiME's `format=lime`; AVML without
/// compression). It says nothing of vCPUs or registers.
/// </summary>
public sealed class LimeDriver : MemoryFileDriver
{
    /// <summary>The first four bytes of each header, as a little-endian number: "EMiL".</summary>
    internal const uint Magic = 0x4C694D45;

    private LimeDriver(FileContent file, List<FileRun> runs) : base("LiME", file, runs, vcpus: 0)
    {
    }

    /// <summary>Opens a LiME file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <exception cref="VmiFormatException">It is no LiME file, or a truncated or corrupt one.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static LimeDriver Open(string path, VmiLimits? limits = null) =>
        MemoryFile.OpenUnpacked(path, limits, file => Open(file, limits ?? VmiLimits.Default));

    internal static LimeDriver Open(FileContent file, VmiLimits limits)
    {
        var runs = new List<FileRun>();
        Span<byte> header = stackalloc byte[RangeHeader.Bytes];
        for (long offset = 0; offset < file.Length;)
        {
            if (runs.Count >= limits.Segments)
                throw new VmiFormatException($"{file.Path} has more than {limits.Segments} LiME ranges (VmiLimits.Segments).");
            var count = file.Read(offset, header);
            if (count >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
                throw offset == 0
                    ? new VmiFormatException($"{file.Path} is not a LiME file.")
                    : new VmiFormatException($"{file.Path} is corrupt: no LiME header at offset {offset}, after range {runs.Count}.");
            if (count < RangeHeader.Bytes)
            {
                throw new VmiFormatException(
                    $"{file.Path} is truncated: {RangeHeader.Bytes - count} bytes of LiME header {runs.Count + 1} are missing.");
            }

            var run = RangeHeader.Parse(header, "LiME", 1, offset + RangeHeader.Bytes, runs.Count + 1, file.Path);
            if (run.Length > (ulong)(file.Length - run.Offset))
            {
                var missing = run.Length - (ulong)(file.Length - run.Offset);
                throw new VmiFormatException(
                    $"{file.Path} is truncated: {missing} bytes of {run.Length} are missing from range {runs.Count + 1} "
                    + $"(physical address 0x{run.Start:x}).");
            }
            runs.Add(run);
            offset = run.Offset + (long)run.Length;
        }
        return new LimeDriver(file, runs);
    }
}
