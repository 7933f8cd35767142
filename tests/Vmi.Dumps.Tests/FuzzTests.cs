using System.Diagnostics;

namespace Vmi.Dumps.Tests;

public sealed class FuzzTests
{
    private static readonly VmiLimits Limits = new() { Segments = 1000, StringBytes = 4096 };

    [Fact]
    public void A_mutated_ELF_file_gives_memory_or_a_format_error() => Fuzz(
        [
            new ElfBuilder().Vcpu().Vcpu().Note("VMCOREINFO", 0, "OSRELEASE=6.1\n"u8).Load(0, Bytes.Random(600))
                .Load(0x1000, Bytes.Random(300)).Load(0x1080, Bytes.Random(300), memoryBytes: 4096).Build(),
            new ElfBuilder { CountInSection = true }.Vcpu(ElfBuilder.QemuState(432)).Load(0x100000000, Bytes.Random(64)).Build(),
        ],
        interesting: 400);

    [Fact]
    public void A_mutated_LiME_file_gives_memory_or_a_format_error() => Fuzz(
        [
            [.. Bytes.Lime(0x1000, Bytes.Random(300)), .. Bytes.Lime(0x1100, Bytes.Random(64)), .. Bytes.Lime(0, Bytes.Random(64))],
        ],
        interesting: 500);

    [Fact]
    public void A_mutated_kdump_file_gives_memory_or_a_format_error()
    {
        var builder = new KdumpBuilder { Notes = new ElfBuilder().Vcpu().Notes, VmCoreInfo = "OSRELEASE=6.1\n" };
        for (var i = 0; i < 4; i++)
            builder.Page((ulong)i * 3, Bytes.Random(4096, i).Select(value => (byte)(value & 1)).ToArray(), ((uint[])[0, 1, 4, 0x20])[i]);
        var file = builder.Build();
        Fuzz([file], interesting: 464, at: [0, 4096, 4096 * 2, 4096 * 3, 4096 * 4]);
        Fuzz([KdumpBuilder.Flatten((0, file[..5000]), (5000, file[5000..]))], interesting: 64, at: [0, 4096, 4096 + 5000]);
    }

    [Fact]
    public void A_mutated_AVML_or_zstd_file_gives_memory_or_a_format_error()
    {
        var avml = AvmlDriverTests.Range(0x1000, [.. new byte[70_000], .. Bytes.Random(100)]);
        byte[] both = [.. avml, .. AvmlDriverTests.Range(0x200000, Bytes.Random(300))];
        Fuzz([both], interesting: 64, at: [0, 32, avml.Length - 8, avml.Length]);
        using var compressor = new ZstdSharp.Compressor();
        var lime = Bytes.Lime(0x1000, [.. Bytes.Random(200), .. new byte[500]]);
        byte[] first = [.. compressor.Wrap(lime[..300])], second = [.. compressor.Wrap(lime[300..])];
        Fuzz([[.. first, .. second]], interesting: 24, at: [0, first.Length]);
    }

    [Fact]
    public void A_mutated_file_in_blocks_gives_memory_or_a_format_error()
    {
        using var folder = new TestFolder();
        folder.Write("memory", Bytes.Lime(0x1000, [.. Bytes.Random(200), .. new byte[700]]));
        byte[] Packed(string packing)
        {
            Tool.Shell($"cd {folder["."]} && {packing} > packed");
            return File.ReadAllBytes(folder["packed"]);
        }

        byte[] xz = Packed("xz -0 --block-size=300 -c memory"), bgzf = Packed("bgzip -c memory; bgzip -c memory");
        Fuzz([xz, bgzf], interesting: 60, at: [0, xz.Length - 60, xz.Length - 30, bgzf.Length - 60]);
    }

    [Fact]
    public void A_mutated_stream_of_mapped_RAM_gives_memory_or_a_format_error()
    {
        var stream = MigrationBuilder.Mapped(Bytes.Random(4096));
        Fuzz([stream], interesting: 140, at: [0, 8192]);
    }

    [Fact]
    public void A_mutated_migration_stream_gives_memory_or_a_format_error()
    {
        var whole = MigrationBuilder.Whole(Bytes.Random(4096));
        int[] at = [0, 4096 + 130, whole.Length - 560, whole.Length - 400, whole.Length - 300, whole.Length - 200];
        Fuzz([whole], interesting: 120, at);
    }

    [Fact]
    public void A_mutated_qcow2_image_gives_memory_or_a_format_error() =>
        Fuzz([Qcow2Builder.Image(MigrationBuilder.Whole(Bytes.Random(4096)))], interesting: 104, at: [0, 512, 1024, 1536, 2048]);

    [Fact]
    public void A_mutated_Xen_core_gives_memory_or_a_format_error() => Fuzz(
        [new XenCoreBuilder().Vcpu().Page(4, Bytes.Random(4096)).Page(5, Bytes.Random(4096)).Page(9, Bytes.Random(4096)).Build()],
        interesting: 600, at: [0]);

    [Fact]
    public void Random_bytes_behind_a_magic_number_give_memory_or_a_format_error() => Fuzz(
        [
            [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 62, 0, .. Bytes.Random(500)],
            [.. "EMiL"u8, 1, 0, 0, 0, .. Bytes.Random(500)],
            Bytes.Random(500),
        ],
        interesting: 500);

    /// <summary>
    /// Mutates files for a second, and 300 times at least; what is opened is read through, what is not is refused as documented.
    /// </summary>
    /// <param name="seeds">Good files.</param>
    /// <param name="interesting">How many bytes of each of the places below most changes hit.</param>
    /// <param name="at">Where what is interesting begins; at 0 if null.</param>
    private static void Fuzz(byte[][] seeds, int interesting, int[]? at = null)
    {
        using var folder = new TestFolder();
        var path = folder["fuzz"];
        var random = new Random(4711);
        var clock = Stopwatch.StartNew();
        int opened = 0, refused = 0;
        for (var round = 0; round < 300 || clock.ElapsedMilliseconds < 1000; round++)
        {
            var file = Mutate(seeds[round % seeds.Length], random, interesting, at ?? [0]);
            File.WriteAllBytes(path, file);
            try
            {
                using var driver = MemoryFile.Open(path, Limits);
                ReadThrough(driver, file.Length);
                opened++;
            }
            catch (VmiFormatException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }
        Assert.True(refused > 10, $"{opened} opened, {refused} refused");
    }

    private static void ReadThrough(MemoryFileDriver driver, int fileLength)
    {
        var buffer = new byte[8192];
        ulong last = 0, total = 0;
        foreach (var range in driver.MemoryMap)
        {
            Assert.True(range.Start.Value >= last && range.Length != 0 && range.End.Value > range.Start.Value);
            last = range.End.Value;
            total += range.Length;
            // What is packed may turn out to be corrupt when it is read; what is stored as it is was seen to be there.
            var isPacked = !driver.IsMapped;
            var few = (int)Math.Min(range.Length, 8);
            Assert.InRange(driver.Read(range.Start, buffer.AsSpan(0, few)), isPacked ? 0 : few, few);
            Assert.InRange(driver.Read(range.Start, buffer), isPacked ? 0 : 1, buffer.Length);
            Assert.InRange(driver.Read(range.End - 1, buffer.AsSpan(0, 1)), isPacked ? 0 : 1, 1);
            driver.TryGetSpan(range.Start, 16, out _);
            driver.ReadPage(range.Start.Gfn);
            driver.ReadPage((range.End - 1).Gfn);
        }
        driver.Read(new Pa(ulong.MaxValue - 3), buffer);
        // Overlapping segments may show the same bytes many times, but never more than each has.
        Assert.True(!driver.IsMapped || total <= (ulong)fileLength * (ulong)Limits.Segments);
        if (driver is MachineFileDriver core)
        {
            for (var vcpu = 0; vcpu < driver.Info.Vcpus; vcpu++)
                Assert.NotNull(core.GetRegisters(new VcpuId((ushort)vcpu)));
        }
    }

    private static byte[] Mutate(byte[] seed, Random random, int interesting, int[] places)
    {
        var file = seed.ToArray();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            // Most changes hit the headers.
            var place = Math.Min(places[random.Next(places.Length)], file.Length - 1);
            var at = random.Next(4) == 0 ? random.Next(file.Length) : place + random.Next(Math.Min(file.Length - place, interesting));
            switch (random.Next(5))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file[at] = (byte)random.Next(256);
                    break;
                case 2:
                    ulong[] values = [0, 1, ulong.MaxValue, long.MaxValue, 1UL << 63, 0x7fffffff, uint.MaxValue, 4096, (ulong)file.Length];
                    var value = BitConverter.GetBytes(values[random.Next(values.Length)]);
                    at = Math.Min(at & ~7, file.Length - 8);
                    value.AsSpan(0, 1 << random.Next(4)).CopyTo(file.AsSpan(at));
                    break;
                case 3:
                    var from = random.Next(file.Length - 8);
                    file.AsSpan(from, 8).ToArray().CopyTo(file, Math.Min(at, file.Length - 8));
                    break;
                default:
                    if (random.Next(4) == 0)
                        file = file[..Math.Max(at, 16)];
                    break;
            }
        }
        return file;
    }
}
