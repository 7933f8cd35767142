namespace Vmi.Dumps.Tests;

internal static class Bytes
{
    /// <summary>Bytes that look random and are the same each time.</summary>
    public static byte[] Random(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A LiME range, version 1, as its specification says: magic, version, first and last address, 8 bytes reserved.</summary>
    public static byte[] Lime(ulong first, byte[] content, uint version = 1, ulong? last = null) =>
    [
        .. "EMiL"u8, .. BitConverter.GetBytes(version), .. BitConverter.GetBytes(first),
        .. BitConverter.GetBytes(last ?? first + (ulong)content.Length - 1), .. new byte[8], .. content,
    ];

    /// <summary>What a driver reads, cut where it ends.</summary>
    public static byte[] Read(this IVmiRead driver, ulong address, int count)
    {
        var buffer = new byte[count];
        return buffer[..driver.Read(new Pa(address), buffer)];
    }
}
