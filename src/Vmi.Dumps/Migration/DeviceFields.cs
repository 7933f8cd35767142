using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>A device's section in a migration stream: its numbers by the names that the stream's description has for its fields.</summary>
/// <param name="file">The file.</param>
/// <param name="description">What describes the section.</param>
/// <param name="offset">Where the section's data is.</param>
internal sealed class DeviceFields(FileContent file, DeviceDescription description, long offset)
{
    private const int MostFields = 1024;

    private readonly Dictionary<string, (long Offset, int Bytes)> _fields = description.Fields(MostFields);

    /// <summary>Whether there is a number of at most 64 bits by this name.</summary>
    public bool Has(string field) => _fields.TryGetValue(field, out var place) && place.Bytes is 1 or 2 or 4 or 8;

    /// <summary>A number that is there.</summary>
    /// <exception cref="VmiFormatException">The file was shortened.</exception>
    public ulong Number(string field)
    {
        var (at, bytes) = _fields[field];
        Span<byte> number = stackalloc byte[8];
        number.Clear();
        file.ReadAll(offset + at, number[(8 - bytes)..]);
        return BinaryPrimitives.ReadUInt64BigEndian(number);
    }

    /// <summary>The bytes of a field; null if it has not as many as <paramref name="length"/>.</summary>
    /// <exception cref="VmiFormatException">The file was shortened.</exception>
    public byte[]? Bytes(string field, int length)
    {
        if (!_fields.TryGetValue(field, out var place) || place.Bytes != length)
            return null;
        var bytes = new byte[length];
        file.ReadAll(offset + place.Offset, bytes);
        return bytes;
    }
}
