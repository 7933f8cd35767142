using System.IO.Compression;
using System.Text;
using Snappier;
using ZstdSharp;

namespace Vmi.Dumps.Tests;

/// <summary>Writes the bytes of a kdump-compressed file, version 6, as makedumpfile's diskdump_mod.h lays it out.</summary>
internal sealed class KdumpBuilder
{
    private readonly SortedDictionary<ulong, (uint Flags, byte[] Data)> _pages = [];

    public uint Status { get; set; } = 1;

    public string Machine { get; set; } = "x86_64";

    public int Version { get; set; } = 6;

    public int Split { get; set; }

    public byte[] Notes { get; set; } = [];

    public string VmCoreInfo { get; set; } = "";

    /// <summary>Adds a page, stored as the flags say: 0 as it is, 1 zlib, 4 snappy, 0x20 zstd.</summary>
    public KdumpBuilder Page(ulong frame, byte[] content, uint flags)
    {
        _pages[frame] = (flags, Pack(content, flags));
        return this;
    }

    /// <summary>Adds a page whose stored bytes are given, whatever they are.</summary>
    public KdumpBuilder Stored(ulong frame, byte[] data, uint flags)
    {
        _pages[frame] = (flags, data);
        return this;
    }

    public byte[] Build()
    {
        const int block = 4096;
        var frames = _pages.Count == 0 ? 1 : _pages.Keys.Last() + 1;
        var bitmap = new byte[(int)((frames / 8 / block) + 1) * block];
        foreach (var frame in _pages.Keys)
            bitmap[(int)(frame / 8)] |= (byte)(1 << (int)(frame % 8));
        var bitmapBlocks = bitmap.Length / block * 2;
        var descriptors = (2 + bitmapBlocks) * block;
        var notesAt = descriptors + (_pages.Count * 24);
        var textAt = notesAt + Notes.Length;

        var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        writer.Write("KDUMP   "u8);
        writer.Write(Version);
        file.Position = 12 + (4 * 65);
        writer.Write(Encoding.ASCII.GetBytes(Machine));
        file.Position = 424;
        foreach (var number in (uint[])[Status, block, 1, (uint)bitmapBlocks])
            writer.Write(number);
        file.Position = block + 12;
        writer.Write(Split);
        file.Position = block + 32;
        writer.Write((long)textAt);
        writer.Write((long)VmCoreInfo.Length);
        writer.Write((long)notesAt);
        writer.Write((long)Notes.Length);
        file.Position = block + 96;
        writer.Write(frames);
        file.Position = 2 * block;
        writer.Write(bitmap);
        writer.Write(bitmap);
        var at = (long)textAt + VmCoreInfo.Length;
        foreach (var (flags, data) in _pages.Values)
        {
            writer.Write(at);
            writer.Write(data.Length);
            writer.Write(flags);
            writer.Write(0L);
            at += data.Length;
        }
        writer.Write(Notes);
        writer.Write(Encoding.ASCII.GetBytes(VmCoreInfo));
        foreach (var (_, data) in _pages.Values)
            writer.Write(data);
        return file.ToArray();
    }

    /// <summary>The flattened form of a file: records of some bytes each, in the order given, then the end mark.</summary>
    public static byte[] Flatten(params (long Offset, byte[] Bytes)[] records)
    {
        var file = new MemoryStream();
        file.Write("makedumpfile\0\0\0\0"u8);
        WriteBig(file, 1);
        WriteBig(file, 1);
        file.SetLength(file.Position = 4096);
        foreach (var (offset, bytes) in records)
        {
            WriteBig(file, offset);
            WriteBig(file, bytes.Length);
            file.Write(bytes);
        }
        WriteBig(file, -1);
        WriteBig(file, -1);
        return file.ToArray();
    }

    private static void WriteBig(MemoryStream file, long number)
    {
        var bytes = BitConverter.GetBytes(number);
        Array.Reverse(bytes);
        file.Write(bytes);
    }

    private static byte[] Pack(byte[] content, uint flags)
    {
        switch (flags)
        {
            case 1:
                var packed = new MemoryStream();
                using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                    zlib.Write(content);
                return packed.ToArray();
            case 4:
                return Snappy.CompressToArray(content);
            case 0x20:
                using (var compressor = new Compressor())
                    return compressor.Wrap(content).ToArray();
            default:
                return content;
        }
    }
}
