using System.Buffers.Binary;

namespace Vmi.Bench;

/// <summary>
/// A raw memory file with 4-level page tables that map a range of virtual pages, scattered, and in that range a chain: each 8-byte
/// value is the virtual address of the next, in random order, and the last one's is the first.
/// </summary>
internal sealed class ChainFile : IDisposable
{
    public const ulong Start = 0x7f00_0000_0000;

    private const int Frames = 16384;
    private readonly byte[] _memory = new byte[Frames * Frame.Size];
    private ulong _nextTable = 1;

    public ChainFile(int pages, int links)
    {
        Path = System.IO.Path.GetTempFileName();
        var random = new Random(1);
        var frames = Enumerable.Range(Frames / 2, pages).Select(frame => (ulong)frame).ToArray();
        random.Shuffle(frames);
        for (var page = 0; page < pages; page++)
            Map(Start + ((ulong)page << 12), frames[page] << 12);

        var places = Enumerable.Range(0, pages * (Frame.Size / 8)).ToArray();
        random.Shuffle(places);
        for (var i = 0; i < links; i++)
        {
            var at = places[i];
            var next = Start + ((ulong)places[(i + 1) % links] * 8);
            BinaryPrimitives.WriteUInt64LittleEndian(
                _memory.AsSpan((int)(frames[at / 512] << 12) + (at % 512 * 8)), next);
        }

        First = Start + ((ulong)places[0] * 8);
        File.WriteAllBytes(Path, _memory);
    }

    public string Path { get; }

    public Pa Root => default;

    public ulong First { get; }

    public void Dispose() => File.Delete(Path);

    private void Map(ulong va, ulong pa)
    {
        var table = 0UL;
        for (var shift = 39; shift > 12; shift -= 9)
        {
            var entry = _memory.AsSpan((int)(table + (((va >> shift) & 511) * 8)));
            if (BinaryPrimitives.ReadUInt64LittleEndian(entry) == 0)
                BinaryPrimitives.WriteUInt64LittleEndian(entry, (_nextTable++ << 12) | 7);
            table = BinaryPrimitives.ReadUInt64LittleEndian(entry) & ~0xfffUL;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(_memory.AsSpan((int)(table + (((va >> 12) & 511) * 8))), pa | 7);
    }
}
