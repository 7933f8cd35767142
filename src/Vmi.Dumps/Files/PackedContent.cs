using System.Buffers;

namespace Vmi.Dumps;

/// <summary>Content made of blocks that are each unpacked by themselves, when they are read; one that can't be is missing.</summary>
internal sealed class PackedContent : FileContent
{
    private readonly FileContent _file;
    private readonly PackedBlock[] _blocks;
    private readonly BlockCache _cache;

    /// <summary>Content of blocks that follow each other without a gap, the first at 0.</summary>
    public PackedContent(FileContent file, string wrapping, List<PackedBlock> blocks)
    {
        _file = file;
        Wrapping = wrapping;
        _blocks = [.. blocks];
        _cache = new BlockCache(blocks.Count == 0 ? 0 : blocks.Max(block => block.Length));
        Length = blocks.Count == 0 ? 0 : blocks[^1].Start + blocks[^1].Length;
    }

    /// <inheritdoc/>
    public override string Path => _file.Path;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override string Wrapping { get; }

    /// <inheritdoc/>
    public override int Read(long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && offset + done < Length)
        {
            var number = Find(offset + done);
            if (Unpack(number) is not { } block)
                break;
            var part = block.AsSpan((int)(offset + done - _blocks[number].Start));
            part = part[..Math.Min(part.Length, destination.Length - done)];
            part.CopyTo(destination[done..]);
            done += part.Length;
        }
        return done;
    }

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    private int Find(long offset)
    {
        int low = 0, high = _blocks.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_blocks[middle].Start <= offset)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    private byte[]? Unpack(int number)
    {
        if (_cache.Find(number) is { } known)
            return known;
        ref readonly var block = ref _blocks[number];
        var packed = ArrayPool<byte>.Shared.Rent(block.StoredLength);
        try
        {
            var bytes = new byte[block.Length];
            if (_file.Read(block.Offset, packed.AsSpan(0, block.StoredLength)) != block.StoredLength
                || !Unpacker.TryUnpack(block.Compression, packed, block.StoredLength, bytes))
                return null;
            _cache.Keep(number, bytes);
            return bytes;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }
}
