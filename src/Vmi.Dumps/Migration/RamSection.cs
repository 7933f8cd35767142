using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>Reads what the sections named `ram` carry (QEMU's migration/ram.c, version 4).</summary>
/// <param name="cursor">The stream, at the section's data.</param>
/// <param name="pages">What is found.</param>
/// <param name="progress">Is told from time to time how much of the file was read, from 0 to 1; null if nobody wants to know.</param>
internal sealed class RamSection(StreamCursor cursor, RamPages pages, IProgress<double>? progress)
{
    private const int PagesOfReport = 1 << 14;
    private const int MostBlocks = 1024;         // QEMU has some dozens; one is looked for by its name
    private const uint MappedVersion = 1;
    private const ulong FlagMask = Frame.Size - 1;
    private const ulong Zero = 2, Sizes = 4, Page = 8, EndOfSection = 0x10, Continue = 0x20, Hook = 0x80, MultifdFlush = 0x200;

    /// <summary>Whether each block has its pages at places of their own in the file (the capability mapped-ram of QEMU 9.0).</summary>
    public bool IsMapped { get; set; }

    private RamBlock? _block;
    private int _pages;

    /// <summary>Reads one section's data, to the mark at its end.</summary>
    /// <exception cref="VmiFormatException">It is corrupt, truncated, or has what is not read.</exception>
    public void Read()
    {
        while (true)
        {
            var word = cursor.ReadUInt64();
            var offset = word & ~FlagMask;
            var flags = word & FlagMask;
            switch (flags & ~Continue)
            {
                case EndOfSection:
                    return;
                // Between them and what the other connections wrote stands nothing in a file of mapped RAM.
                case MultifdFlush when IsMapped:
                    break;
                case Sizes:
                    ReadSizes(offset);
                    break;
                case Zero:
                    var zero = Place(offset, flags);
                    if (cursor.ReadByte() != 0)
                        throw cursor.Corrupt("a page of one byte that is not 0");
                    pages.AddZero(zero);
                    break;
                case Page:
                    var place = Place(offset, flags);
                    pages.Add(place, cursor.Position);
                    cursor.Skip(Frame.Size);
                    break;
                default:
                    throw NotRead(flags);
            }
        }
    }

    private void ReadSizes(ulong total)
    {
        if (pages.Blocks.Count != 0)
            throw cursor.Corrupt("a second list of RAM blocks");
        if (total > (ulong)pages.MostBytes)
            throw new VmiFormatException($"{pages.Path} has more than {pages.MostBytes >> 20} MiB of RAM (VmiLimits.TableBytes).");
        long start = 0;
        while (start < (long)total)
        {
            var name = cursor.ReadName();
            var length = cursor.ReadUInt64();
            if (length == 0 || length % Frame.Size != 0 || length > total - (ulong)start)
                throw cursor.Corrupt($"a RAM block of 0x{length:x} bytes ({name})");
            if (pages.Blocks.Count >= MostBlocks)
                throw cursor.Corrupt($"more than {MostBlocks} RAM blocks");
            pages.Blocks.Add(new RamBlock(name, start, (long)length));
            if (IsMapped)
                ReadMapped(pages.Blocks[^1]);
            start += (long)length;
        }
    }

    /// <summary>
    /// The pages of a block (`MappedRamHeader`): a bitmap says which are in the file, each at the place that its number gives; the others
    /// are zeros.
    /// </summary>
    private void ReadMapped(RamBlock block)
    {
        var version = cursor.ReadUInt32();
        ulong pageSize = cursor.ReadUInt64(), bitmap = cursor.ReadUInt64(), content = cursor.ReadUInt64();
        var length = (ulong)pages.File.Length;
        if (version != MappedVersion || pageSize != Frame.Size)
        {
            throw new VmiFormatException(
                $"{pages.Path} has mapped RAM of version {version} in pages of {pageSize} bytes, which Vmi does not read.");
        }
        if (bitmap < (ulong)cursor.Position || content < bitmap || content > length
            || (((ulong)block.Length >> Frame.Shift) + 63) / 64 * sizeof(ulong) > content - bitmap)
            throw cursor.Corrupt($"a place of RAM block {block.Name} that can't be");
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (long at = 0; at < block.Length; at += Frame.Size)
        {
            var bit = (int)(at >> Frame.Shift) % 64;
            if (bit == 0)
                pages.File.ReadAll((long)bitmap + (at >> Frame.Shift) / 8, word);
            if ((BinaryPrimitives.ReadUInt64LittleEndian(word) >> bit & 1) == 0)
                pages.AddZero(block.Start + at);
            else if (content + (ulong)at + Frame.Size <= length)
                pages.Add(block.Start + at, (long)content + at);
            else
                throw new VmiFormatException($"{pages.Path} is truncated: the page at 0x{at:x} of RAM block {block.Name} is missing.");
            Report((long)content + at);
        }
        // What follows the last page, which need not be in the file.
        cursor.MoveTo((long)content + block.Length);
    }

    private void Report(long position)
    {
        if (++_pages % PagesOfReport == 0)
            progress?.Report((double)position / pages.File.Length);
    }

    /// <summary>Where a page is among all blocks.</summary>
    private long Place(ulong offset, ulong flags)
    {
        if ((flags & Continue) == 0)
        {
            var name = cursor.ReadName();
            _block = pages.Blocks.Find(block => block.Name == name)
                ?? throw cursor.Corrupt($"a page of RAM block {name}, which there is not,");
        }
        if (_block is null || offset >= (ulong)_block.Length)
            throw cursor.Corrupt($"a page at 0x{offset:x} of its RAM block, beyond its end,");
        Report(cursor.Position);
        return _block.Start + (long)offset;
    }

    private VmiFormatException NotRead(ulong flags)
    {
        var what = (flags & ~Continue) switch
        {
            0x40 => "pages as differences (xbzrle)",
            0x100 => "compressed pages (compress)",
            Hook => "pages sent over RDMA",
            MultifdFlush => "pages sent over other connections (multifd)",
            _ => null,
        };
        return what is null
            ? cursor.Corrupt($"a RAM record with flags 0x{flags:x}")
            : new VmiFormatException($"{pages.Path} has {what}; Vmi reads QEMU's migration stream without that capability.");
    }
}
