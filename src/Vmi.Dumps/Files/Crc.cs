namespace Vmi.Dumps;

/// <summary>The checks of an xz file (its specification, 6 and 7): cyclic redundancy codes, the lowest bit first.</summary>
internal static class Crc
{
    private static readonly ulong[] Table32 = Table(0xedb88320), Table64 = Table(0xc96c5795d7870f42);

    /// <summary>CRC32 (IEEE 802.3).</summary>
    public static uint Of32(ReadOnlySpan<byte> bytes) => (uint)Of(bytes, Table32, uint.MaxValue);

    /// <summary>CRC64 (ECMA-182).</summary>
    public static ulong Of64(ReadOnlySpan<byte> bytes) => Of(bytes, Table64, ulong.MaxValue);

    private static ulong Of(ReadOnlySpan<byte> bytes, ulong[] table, ulong ones)
    {
        var crc = ones;
        foreach (var each in bytes)
            crc = table[(byte)crc ^ each] ^ (crc >> 8);
        return crc ^ ones;
    }

    private static ulong[] Table(ulong polynomial)
    {
        var table = new ulong[256];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
                table[i] = (table[i] >> 1) ^ ((table[i] & 1) * polynomial);
        }
        return table;
    }
}
