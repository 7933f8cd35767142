using System.Buffers.Binary;

namespace Vmi.Dumps.Tests;

/// <summary>A qcow2 image of 512-byte clusters with one snapshot, as QEMU's docs/interop/qcow2.txt lays it out.</summary>
internal static class Qcow2Builder
{
    private const int Cluster = 512, Snapshots = Cluster, L1 = 2 * Cluster, L2 = 3 * Cluster, Data = 4 * Cluster;

    /// <summary>The state lies behind a disk of 40,000 bytes: in the second table of clusters. A cluster of zeros has no place.</summary>
    public static byte[] Image(ReadOnlySpan<byte> state)
    {
        var image = new byte[Data + (state.Length + Cluster - 1) / Cluster * Cluster];
        new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb, 0, 0, 0, 3 }.CopyTo(image, 0);
        UInt32(20, 9);
        UInt64(24, 40_000);
        UInt32(60, 1);
        UInt64(64, Snapshots);
        UInt32(100, 104);
        UInt64(Snapshots, L1);
        UInt32(Snapshots + 8, 3);
        image[Snapshots + 13] = 1;
        image[Snapshots + 15] = 4;
        UInt32(Snapshots + 36, 16);
        UInt64(Snapshots + 40, (ulong)state.Length);
        UInt64(Snapshots + 48, 40_000);
        "1name"u8.CopyTo(image.AsSpan(Snapshots + 56));
        UInt64(L1 + 2 * 8, L2 | 1ul << 63);
        for (var i = 0; i * Cluster < state.Length; i++)
        {
            var part = state.Slice(i * Cluster, Math.Min(Cluster, state.Length - i * Cluster));
            if (!part.ContainsAnyExcept((byte)0))
                continue;
            part.CopyTo(image.AsSpan(Data + i * Cluster));
            UInt64(L2 + i * 8, (uint)(Data + i * Cluster) | 1ul << 63);
        }

        return image;

        void UInt32(int at, uint number) => BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(at), number);
        void UInt64(int at, ulong number) => BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(at), number);
    }
}
