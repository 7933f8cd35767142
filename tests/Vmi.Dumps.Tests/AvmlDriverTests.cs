using System.IO.Compression;
using Snappier;

namespace Vmi.Dumps.Tests;

/// <summary>
/// AVML's compressed files, laid out as its source says (src/image.rs); Snappy's framing is that of the library Snappier, which the
/// driver does not use: it walks the frames itself.
/// </summary>
public sealed class AvmlDriverTests
{
    [Fact]
    public void Ranges_lie_at_their_physical_addresses()
    {
        using var folder = new TestFolder();
        byte[] low = [.. new byte[150_000], .. Bytes.Random(150_000 + 328 - 4096)], high = Bytes.Random(0x2000, 2);
        using var driver = MemoryFile.Open(folder.Write("memory.avml", [.. Range(0x1000, low), .. Range(0x1_0000_0000, high)]));

        Assert.IsType<AvmlDriver>(driver);
        Assert.Equal("AVML memory.avml", driver.Name);
        Assert.Equal(new VmiInfo(new Gfn(0x100001), 0), driver.Info);
        Assert.Equal([new PhysicalRange(new Pa(0x1000), (ulong)low.Length), new PhysicalRange(new Pa(0x1_0000_0000), 0x2000)],
            driver.MemoryMap);
        Assert.Equal(low, driver.Read(0x1000, low.Length + 1));
        Assert.Equal(low[65_500..65_600], driver.Read(0x1000 + 65_500, 100));
        Assert.Equal(high[..0x1000], driver.ReadPage(new Gfn(0x100000))!.ToArray());
        Assert.Null(driver.ReadPage(new Gfn(0)));
    }

    [Fact]
    public void Without_compression_AVML_writes_LiME()
    {
        using var folder = new TestFolder();
        using var driver = MemoryFile.Open(folder.Write("memory.avml", Bytes.Lime(0x1000, Bytes.Random(4096))));
        Assert.IsType<LimeDriver>(driver);
    }

    [Fact]
    public void A_chunk_that_can_not_be_unpacked_is_missing()
    {
        using var folder = new TestFolder();
        var memory = new byte[0x30000];
        var file = Range(0, memory);
        // The tag of a copy that reaches before the beginning: header, stream identifier, chunk header, checksum, length.
        file[32 + 10 + 4 + 4 + 3] = 0xfe;
        using var driver = MemoryFile.Open(folder.Write("memory.avml", file));

        Assert.Empty(driver.Read(0, 0x20000));
        Assert.Null(driver.ReadPage(new Gfn(1)));
        Assert.Equal(memory[..0x10000], driver.Read(0x10000, 0x10000));
    }

    [Fact]
    public void Truncated_and_corrupt_files_are_refused()
    {
        var file = Range(0x1000, new byte[0x1000]);
        Refuses("is truncated: the AVML range at 0x1000 has no trailer.", file[..^1]);
        Refuses("is truncated: the Snappy chunk at offset 42 is not all there.", file[..^9]);
        Refuses("is truncated: 1 bytes of AVML header 1 are missing.", file[..31]);
        Refuses("is corrupt: no AVML header at offset ", [.. file, 1, 2, 3, 4, 5]);
        Refuses("is AVML version 3 in header 1; Vmi reads version 2.", Patch(file, 4, 3));
        Refuses("is corrupt: AVML range 1 ends (0x1fff) before it begins (0xff00).", Patch(file, 9, 0xff));
        Refuses("is corrupt: the AVML range at 0x1100 holds more than its header says.", Patch(file, 9, 0x11));
        Refuses("is corrupt: at offset 42 is no Snappy chunk.", Patch(file, 42, 2));
        Refuses("is corrupt: the AVML range at 0x1000 has ", Patch(file, file.Length - 8, 0));

        static byte[] Patch(byte[] file, int at, byte value)
        {
            var copy = file.ToArray();
            copy[at] = value;
            return copy;
        }
    }

    /// <summary>A range as AVML writes it: header, stream, the stream's length.</summary>
    internal static byte[] Range(ulong first, byte[] content)
    {
        var stream = new MemoryStream();
        using (var snappy = new SnappyStream(stream, CompressionMode.Compress, leaveOpen: true))
            snappy.Write(content);
        return
        [
            .. "AVML"u8, .. BitConverter.GetBytes(2), .. BitConverter.GetBytes(first),
            .. BitConverter.GetBytes(first + (ulong)content.Length - 1), .. new byte[8], .. stream.ToArray(),
            .. BitConverter.GetBytes(stream.Length),
        ];
    }

    private static void Refuses(string message, byte[] file)
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.avml", file);
        Assert.StartsWith($"{path} {message}", RecognitionTests.Refusal(path), StringComparison.Ordinal);
    }
}
