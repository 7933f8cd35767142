using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// What QEMU's `savevm` put into a qcow2 image: the state of the VM, a migration stream, lies in the clusters of its snapshot that are
/// behind the end of the disk.
/// </summary>
internal sealed class SavedState : FileContent
{
    private const ulong OffsetMask = 0x00ff_ffff_ffff_fe00;
    private const ulong Compressed = 1ul << 62;
    private const ulong Zero = 1;
    private const int EntryBytes = 8;

    private readonly FileContent _file;
    private readonly int _clusterBits;
    private readonly ulong[] _clusters;

    private SavedState(FileContent file, int clusterBits, ulong[] clusters, Qcow2Snapshot snapshot)
    {
        _file = file;
        _clusterBits = clusterBits;
        _clusters = clusters;
        Length = snapshot.StateBytes;
        Wrapping = $"{file.Wrapping}snapshot {snapshot.Name} of ";
    }

    /// <inheritdoc/>
    public override string Path => _file.Path;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override string Wrapping { get; }

    /// <summary>Finds the newest state in an image.</summary>
    /// <exception cref="VmiFormatException">There is none, the image is truncated or corrupt, or of a form that is not read.</exception>
    public static SavedState Open(FileContent file, VmiLimits limits)
    {
        var image = Qcow2Image.Read(file);
        if (image.Snapshots is not [.., var snapshot])
        {
            throw new VmiFormatException(
                $"{file.Path} is a qcow2 disk image without the memory of a VM: no snapshot of it was made with `savevm`.");
        }

        var clusterBytes = 1L << image.ClusterBits;
        // A file that has the state is no smaller: memory grows with what is there, not with what is claimed.
        if (snapshot.StateBytes > file.Length || (snapshot.StateBytes >> image.ClusterBits) >= limits.TableBytes / EntryBytes)
        {
            throw new VmiFormatException(
                $"{file.Path} is corrupt: its snapshot {snapshot.Name} has a state of {snapshot.StateBytes} bytes.");
        }

        var clusters = new ulong[(snapshot.StateBytes + clusterBytes - 1) >> image.ClusterBits];
        // An entry of the first table stands for a cluster full of entries; the state begins with the first that is not the disk's.
        var coveredBits = image.ClusterBits * 2 - 3;
        var table = new byte[clusterBytes];
        var first = snapshot.DiskBytes == 0 ? 0 : ((snapshot.DiskBytes - 1) >> coveredBits) + 1;
        Span<byte> entry = stackalloc byte[EntryBytes];
        for (var done = 0; done < clusters.Length; done += (int)(clusterBytes / EntryBytes), first++)
        {
            if (first >= snapshot.L1Entries)
                throw new VmiFormatException($"{file.Path} is corrupt: its snapshot {snapshot.Name} has no more than {first} tables.");
            ReadAt(file, snapshot.L1Table + (ulong)first * EntryBytes, entry);
            var second = BinaryPrimitives.ReadUInt64BigEndian(entry) & OffsetMask;
            // A table that is not there stands for zeros, as a cluster does.
            if (second == 0)
                continue;
            ReadAt(file, second, table);
            for (var i = 0; i < clusterBytes / EntryBytes && done + i < clusters.Length; i++)
                clusters[done + i] = Place(file, BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(i * EntryBytes)));
        }

        return new SavedState(file, image.ClusterBits, clusters, snapshot);
    }

    /// <inheritdoc/>
    public override int Read(long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && offset + done < Length)
        {
            var at = offset + done;
            var within = at & ((1L << _clusterBits) - 1);
            var wanted = (int)Math.Min(Math.Min((1L << _clusterBits) - within, Length - at), destination.Length - done);
            var cluster = _clusters[at >> _clusterBits];
            var part = destination.Slice(done, wanted);
            if (cluster == 0)
                part.Clear();
            else if (_file.Read((long)cluster + within, part) != wanted)
                break;
            done += wanted;
        }

        return done;
    }

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    /// <summary>Where a cluster lies in the file; 0 for one of zeros.</summary>
    private static ulong Place(FileContent file, ulong entry)
    {
        if ((entry & Compressed) != 0)
            throw new VmiFormatException($"{file.Path} has a compressed state of a VM, which Vmi does not read.");
        return (entry & Zero) != 0 ? 0 : entry & OffsetMask;
    }

    private static void ReadAt(FileContent file, ulong offset, Span<byte> bytes)
    {
        if (offset > (ulong)file.Length || file.Read((long)offset, bytes) != bytes.Length)
            throw new VmiFormatException($"{file.Path} is truncated: its table of clusters at offset {offset} is not there.");
    }
}
