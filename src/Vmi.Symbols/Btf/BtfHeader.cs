using System.Buffers.Binary;

namespace Vmi.Symbols;

/// <summary>
/// Where the parts of a BTF blob lie, in bytes from its start; checked to lie within it. Corresponds to `struct btf_header`: 24
/// bytes, or 32 with the place of the layout section, which tells the size of kinds that a reader does not know.
/// </summary>
internal readonly record struct BtfHeader(int Types, int TypesLength, int Strings, int StringsLength, int Layout, int LayoutLength)
{
    /// <summary>Bytes of the shortest header.</summary>
    public const int MinLength = 24;

    private const int LengthWithLayout = 32;
    private const ushort Magic = 0xeb9f;

    /// <summary>The bytes from the start of the header to the end of the last part.</summary>
    public int TotalLength => Math.Max(Math.Max(Types + TypesLength, Strings + StringsLength), Layout + LayoutLength);

    /// <summary>Reads the header; the error is null if it is sound. Nothing but the header is looked at.</summary>
    /// <param name="blob">The blob, or at least its header.</param>
    /// <param name="length">Bytes of the blob: no part may lie beyond.</param>
    /// <param name="header">The result.</param>
    public static string? TryRead(ReadOnlySpan<byte> blob, long length, out BtfHeader header)
    {
        header = default;
        if (blob.Length < MinLength || length < MinLength)
            return "it is shorter than its header";
        if (BinaryPrimitives.ReadUInt16LittleEndian(blob) != Magic)
            return "its magic is not 0xeb9f (little-endian)";
        if (blob[2] != 1)
            return $"its version is {blob[2]}, known is 1";

        var headerLength = BinaryPrimitives.ReadUInt32LittleEndian(blob[4..]);
        if (headerLength < MinLength || headerLength % 4 != 0 || headerLength > 4096)
            return $"its header has {headerLength} bytes";

        uint layout = 0, layoutLength = 0;
        if (headerLength >= LengthWithLayout)
        {
            if (blob.Length < LengthWithLayout)
                return "it is shorter than its header";
            layout = BinaryPrimitives.ReadUInt32LittleEndian(blob[24..]);
            layoutLength = BinaryPrimitives.ReadUInt32LittleEndian(blob[28..]);
        }

        var types = BinaryPrimitives.ReadUInt32LittleEndian(blob[8..]);
        var typesLength = BinaryPrimitives.ReadUInt32LittleEndian(blob[12..]);
        var strings = BinaryPrimitives.ReadUInt32LittleEndian(blob[16..]);
        var stringsLength = BinaryPrimitives.ReadUInt32LittleEndian(blob[20..]);

        length = Math.Min(length, int.MaxValue);
        if (!Fits(types, typesLength) || !Fits(strings, stringsLength) || !Fits(layout, layoutLength))
            return "one of its sections lies beyond its end";
        if (types % 4 != 0 || typesLength % 4 != 0 || layout % 4 != 0)
            return "one of its sections is not aligned to 4 bytes";
        if (typesLength == 0 || stringsLength == 0)
            return "it has no types or no strings";
        if (types < (long)strings + stringsLength && strings < (long)types + typesLength)
            return "its types and strings overlap";

        var origin = (int)headerLength;
        header = new BtfHeader(
            origin + (int)types, (int)typesLength, origin + (int)strings, (int)stringsLength, origin + (int)layout, (int)layoutLength);
        return null;

        bool Fits(uint offset, uint size) => (long)headerLength + offset + size <= length;
    }
}
