using System.Buffers;
using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>
/// The pages of a kdump file as content whose offsets are physical addresses. A page is unpacked when it is read; one that can't be is
/// missing.
/// </summary>
internal sealed class KdumpPages : FileContent
{
    /// <summary>`struct page_desc`: offset, size, flags, page_flags.</summary>
    public const int DescriptorBytes = 24;

    private readonly FileContent _file;
    private readonly PageBitmap _bitmap;
    private readonly long _descriptors;
    private readonly BlockCache _cache = new(Frame.Size);

    public KdumpPages(FileContent file, KdumpHeader header, PageBitmap bitmap)
    {
        _file = file;
        _bitmap = bitmap;
        _descriptors = header.DescriptorsOffset;
        Length = (long)(header.MaxMapNr * Frame.Size);
    }

    /// <inheritdoc/>
    public override string Path => _file.Path;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override string Wrapping => _file.Wrapping;

    /// <inheritdoc/>
    public override int Read(long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && offset + done < Length)
        {
            if (Unpack((offset + done) >> Frame.Shift) is not { } page)
                break;
            var part = page.AsSpan((int)((offset + done) & (Frame.Size - 1)));
            part = part[..Math.Min(part.Length, destination.Length - done)];
            part.CopyTo(destination[done..]);
            done += part.Length;
        }
        return done;
    }

    /// <summary>The frame as it was unpacked, which nobody changes any more.</summary>
    public override VmiMappedPage? Page(Gfn gfn, long offset) =>
        Unpack(offset >> Frame.Shift) is { } page ? new VmiMappedPage(gfn, page) : null;

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    private byte[]? Unpack(long frame)
    {
        if (_cache.Find(frame) is { } known)
            return known;
        var index = _bitmap.IndexOf((ulong)frame);
        Span<byte> descriptor = stackalloc byte[DescriptorBytes];
        if (index < 0 || _file.Read(_descriptors + (index * DescriptorBytes), descriptor) != DescriptorBytes)
            return null;
        var at = BinaryPrimitives.ReadInt64LittleEndian(descriptor);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[8..]);
        // Both writers store a page as it is where compressing it does not make it smaller.
        if (at < _descriptors || size is 0 or > Frame.Size
            || CompressionOf(BinaryPrimitives.ReadUInt32LittleEndian(descriptor[12..])) is not { } compression)
            return null;

        var packed = ArrayPool<byte>.Shared.Rent(Frame.Size);
        try
        {
            var page = new byte[Frame.Size];
            if (_file.Read(at, packed.AsSpan(0, (int)size)) != size || !Unpacker.TryUnpack(compression, packed, (int)size, page))
                return null;
            _cache.Keep(frame, page);
            return page;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <summary>The flags of a page: DUMP_DH_COMPRESSED_….</summary>
    private static Compression? CompressionOf(uint flags) => flags switch
    {
        0 => Compression.None,
        1 => Compression.Zlib,
        4 => Compression.Snappy,
        0x20 => Compression.Zstd,
        _ => null,
    };
}
