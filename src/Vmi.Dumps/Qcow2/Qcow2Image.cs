using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>The header of a qcow2 image and its table of snapshots (QEMU's docs/interop/qcow2.txt); all numbers are big-endian.</summary>
internal sealed class Qcow2Image
{
    private const int HeaderBytes = 104;
    private const int OldHeaderBytes = 72;
    private const int SnapshotBytes = 40;
    private const int LeastClusterBits = 9, MostClusterBits = 21;
    private const int MostSnapshots = 65536;         // QCOW_MAX_SNAPSHOTS
    private const uint MostL1Entries = 32 << 20 >> 3; // QCOW_MAX_L1_SIZE
    private const ulong Corrupt = 1 << 1, ExternalData = 1 << 2, ExtendedL2 = 1 << 4;

    private Qcow2Image(int clusterBits, List<Qcow2Snapshot> snapshots) => (ClusterBits, Snapshots) = (clusterBits, snapshots);

    /// <summary>The first bytes of an image.</summary>
    public static ReadOnlySpan<byte> Magic => [(byte)'Q', (byte)'F', (byte)'I', 0xfb];

    /// <summary>A cluster has 2 to the power of this many bytes: 9 to 21.</summary>
    public int ClusterBits { get; }

    /// <summary>The snapshots with the state of a VM, in the order of the table.</summary>
    public IReadOnlyList<Qcow2Snapshot> Snapshots { get; }

    /// <summary>Reads both.</summary>
    /// <exception cref="VmiFormatException">The image is truncated, corrupt, or of a form that is not read.</exception>
    public static Qcow2Image Read(FileContent file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        header.Clear();
        if (file.Read(0, header) < OldHeaderBytes)
            throw new VmiFormatException($"{file.Path} is truncated: the header of a qcow2 image has {OldHeaderBytes} bytes.");
        var version = UInt32(header, 4);
        if (version is not (2 or 3))
            throw new VmiFormatException($"{file.Path} is a qcow2 image of version {version}; Vmi reads versions 2 and 3.");
        var clusterBits = UInt32(header, 20);
        if (clusterBits is < LeastClusterBits or > MostClusterBits)
            throw new VmiFormatException($"{file.Path} is corrupt: its clusters have 2^{clusterBits} bytes.");
        if (UInt32(header, 32) != 0)
            throw new VmiFormatException($"{file.Path} is an encrypted qcow2 image, which Vmi does not read.");
        var features = version == 3 ? UInt64(header, 72) : 0;
        if ((features & Corrupt) != 0)
            throw new VmiFormatException($"{file.Path} is marked as corrupt: qemu-img check FILE.");
        if ((features & (ExternalData | ExtendedL2)) != 0)
        {
            throw new VmiFormatException(
                $"{file.Path} is a qcow2 image with an external data file or subclusters, which Vmi does not read.");
        }

        var count = UInt32(header, 60);
        if (count > MostSnapshots)
            throw new VmiFormatException($"{file.Path} is corrupt: it has {count} snapshots.");
        return new Qcow2Image((int)clusterBits, ReadSnapshots(file, (int)count, UInt64(header, 64), UInt64(header, 24)));
    }

    private static List<Qcow2Snapshot> ReadSnapshots(FileContent file, int count, ulong table, ulong diskBytes)
    {
        var snapshots = new List<Qcow2Snapshot>();
        Span<byte> entry = stackalloc byte[SnapshotBytes + 16];
        for (var i = 0; i < count; i++)
        {
            entry.Clear();
            if (table > (ulong)file.Length || file.Read((long)table, entry) < SnapshotBytes)
                throw new VmiFormatException($"{file.Path} is truncated: its snapshot {i} is not there.");
            var (idLength, nameLength, extraLength) = (UInt16(entry, 12), UInt16(entry, 14), UInt32(entry, 36));
            // Later versions have the size in 64 bits, and the disk's at that time.
            ulong stateBytes = extraLength >= 8 ? UInt64(entry, 40) : UInt32(entry, 32);
            if (extraLength >= 16)
                diskBytes = UInt64(entry, 48);
            var nameAt = table + SnapshotBytes + extraLength + idLength;
            if (stateBytes != 0)
            {
                var name = new byte[nameLength];
                if (nameAt > (ulong)file.Length || file.Read((long)nameAt, name) != name.Length)
                    throw new VmiFormatException($"{file.Path} is truncated: its snapshot {i} has no name.");
                if (UInt32(entry, 8) > MostL1Entries || stateBytes > long.MaxValue || diskBytes > long.MaxValue)
                    throw new VmiFormatException($"{file.Path} is corrupt: its snapshot {i} is too large.");
                snapshots.Add(new Qcow2Snapshot(
                    ShownText.Of(name), UInt64(entry, 0), (int)UInt32(entry, 8), (long)stateBytes, (long)diskBytes));
            }

            table = (nameAt + nameLength + 7) & ~7ul;
        }

        return snapshots;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64BigEndian(bytes[offset..]);
}
