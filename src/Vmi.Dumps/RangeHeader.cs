using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>The header of a range in LiME's and AVML's files: magic, version, first and last address, 8 bytes reserved.</summary>
internal static class RangeHeader
{
    /// <summary>The header's size.</summary>
    public const int Bytes = 32;

    /// <summary>Checks a header whose magic was seen.</summary>
    /// <param name="header">The header.</param>
    /// <param name="format">The format's name, for errors.</param>
    /// <param name="wanted">The version that is read.</param>
    /// <param name="data">What the run's offset becomes.</param>
    /// <param name="number">The header's number, counted from 1, for errors.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="VmiFormatException">It is of another version, or corrupt.</exception>
    public static FileRun Parse(ReadOnlySpan<byte> header, string format, uint wanted, long data, int number, string path)
    {
        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (version != wanted)
            throw new VmiFormatException($"{path} is {format} version {version} in header {number}; Vmi reads version {wanted}.");
        var first = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        var last = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        if (last < first)
            throw new VmiFormatException($"{path} is corrupt: {format} range {number} ends (0x{last:x}) before it begins (0x{first:x}).");
        if (last >= FileRun.AddressLimit)
        {
            throw new VmiFormatException(
                $"{path} is corrupt: {format} range {number} ends at 0x{last:x}, beyond 52-bit physical addresses.");
        }
        return new FileRun(first, last - first + 1, data);
    }
}
