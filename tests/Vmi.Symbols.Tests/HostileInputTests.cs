using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vmi.Symbols.Tests;

/// <summary>Damaged and forged input of every kind: nothing but the documented failures comes out, and soon.</summary>
public sealed class HostileInputTests
{
    private const int Rounds = 3000;

    [Fact]
    public void Mutated_btf_is_refused_or_answers_every_question()
    {
        var good = SampleImage.Btf();
        ForEachMutation(good, 1, bytes =>
        {
            if (BtfTypes.TryParse(bytes, null, out _) is { } types)
                AskEverything(types);
        });
    }

    [Fact]
    public void Random_type_sections_are_refused_or_answer_every_question()
    {
        var random = new Random(2);
        for (var round = 0; round < Rounds; round++)
        {
            // Sound kinds with random references: what survives the checks has cycles of every kind.
            var b = new BtfBuilder();
            var count = random.Next(1, 12);
            for (var i = 0; i < count; i++)
            {
                var kind = random.Next(1, 20);
                var words = kind switch { 1 or 14 or 17 => 1, 3 => 3, 4 or 5 or 15 or 19 => 3 * (i % 4), 6 or 13 => 2 * (i % 4), _ => 0 };
                var elements = kind is 4 or 5 or 15 or 19 or 6 or 13 ? i % 4 : 0;
                b.Type("n", kind, elements, random.Next(2) == 0, (uint)random.Next(count + 1),
                    [.. Enumerable.Range(0, words).Select(_ => (uint)random.Next(count + 1))]);
            }

            if (BtfTypes.TryParse(b.Build(), null, out _) is { } types)
                AskEverything(types);
        }
    }

    [Fact]
    public void A_mutated_image_gives_a_profile_or_none()
    {
        var good = SampleImage.Bytes();
        var tables = good.AsSpan().LastIndexOfAnyExcept((byte)0);
        ForEachMutation(good, 3, bytes =>
        {
            foreach (var profile in Symbols.Profile.FindAll(new KernelImage(new Va(KallsymsBuilder.Base), bytes)))
            {
                Assert.Equal(profile.Symbols.Count, profile.Symbols.All().Count());
                profile.Resolve(new Va(KallsymsBuilder.Base + 0x100));
                profile.TryGetField("task_struct", "tgid", out _);
            }
        }, rounds: 150, from: 0x1000, to: tables);
    }

    [Fact]
    public void Mutated_kallsyms_of_every_format_give_consistent_tables_or_none()
    {
        foreach (var format in Enum.GetValues<KallsymsBuilder.Format>())
            ForEachMutation(KallsymsBuilder.Sample(format < KallsymsBuilder.Format.Linux615).Image(format, 0x100), 4, bytes =>
            {
                foreach (var table in KallsymsFinder.FindAll(new KernelImage(new Va(KallsymsBuilder.Base), bytes)))
                {
                    var last = default(Va);
                    foreach (var symbol in table.All())
                    {
                        Assert.True(symbol.Address >= last);
                        last = symbol.Address;
                    }
                }
            }, rounds: 100, from: 0x100);
    }

    [Fact]
    public void Random_images_hold_nothing()
    {
        var random = new Random(5);
        var bytes = new byte[1 << 20];
        for (var round = 0; round < 5; round++)
        {
            random.NextBytes(bytes);
            Assert.Empty(Symbols.Profile.FindAll(new KernelImage(new Va(KallsymsBuilder.Base), bytes)));
        }
    }

    [Fact]
    public void A_reader_that_lies_about_its_count_does_no_harm()
    {
        var image = new KernelImage(new Va(KallsymsBuilder.Base), 1 << 20, (_, _) => int.MaxValue);
        Assert.Empty(Symbols.Profile.FindAll(image));
        image = new KernelImage(new Va(KallsymsBuilder.Base), 1 << 20, (_, _) => -5);
        Assert.Empty(Symbols.Profile.FindAll(image));
    }

    [Fact]
    public void Mutated_profiles_are_refused_or_sound_even_with_a_right_checksum()
    {
        var good = ProfileTests.Save(ProfileTests.Sample());
        ForEachMutation(good, 6, bytes =>
        {
            if (bytes.Length >= 56)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), bytes.Length - 56);
                SHA256.HashData(bytes.AsSpan(56), bytes.AsSpan(24));
            }

            try
            {
                var profile = Symbols.Profile.Load(new MemoryStream(bytes));
                Assert.Equal(profile.Symbols.Count, profile.Symbols.All().Count());
            }
            catch (VmiFormatException)
            {
            }
        }, rounds: 1000);
    }

    [Fact]
    public void A_profile_that_claims_to_be_huge_costs_no_memory()
    {
        var header = ProfileTests.Save(ProfileTests.Sample())[..56];
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), 200 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<VmiFormatException>(() => Symbols.Profile.Load(new MemoryStream(header)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Many_forged_tables_end_in_bounded_time()
    {
        var tables = KallsymsBuilder.Sample().Tables(KallsymsBuilder.Format.Linux64, 0);
        var bytes = new byte[tables.Length * 200];
        for (var i = 0; i < 200; i++)
            tables.CopyTo(bytes, i * tables.Length);
        Assert.InRange(KallsymsFinder.FindAll(new KernelImage(new Va(KallsymsBuilder.Base), bytes)).Count, 2, 200);
    }

    private static void AskEverything(BtfTypes types)
    {
        for (var id = 0; id < types.Count; id++)
        {
            types.TryGetSize(id, out _);
            Assert.NotNull(types.TypeName(id));
            types.TryFindMember(types[id], "next", out _);
            types.TryFindMember(types[id], "n.n[1].n", out _);
        }

        foreach (var name in new[] { "task_struct", "n", "pid_type", "union n", "enum n", "list_head" })
            try
            {
                if (types.TryGetLayout(name, out var layout))
                    Assert.NotNull(layout.ToString());
            }
            catch (VmiFormatException)
            {
            }

        types.TryFindEnumerator("n", out _);
    }

    internal static void ForEachMutation(
        byte[] good, int seed, Action<byte[]> check, int rounds = Rounds, int from = 0, int to = int.MaxValue)
    {
        var random = new Random(seed);
        uint[] values = [0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
        to = Math.Min(to, good.Length);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = good.ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                var at = random.Next(from, to);
                if (random.Next(2) == 0)
                    bytes[at] = (byte)random.Next(256);
                else if ((at &= ~3) + 4 <= bytes.Length)
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), values[random.Next(values.Length)]);
            }

            check(random.Next(20) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
        }
    }
}
