using System.Runtime.InteropServices;
using Vmi.Amd64;

namespace Vmi.Tests.Cpu;

/// <summary>Random tables in a small memory: whatever they hold, a walk ends, throws nothing, and stays inside the rules.</summary>
public sealed class PagingFuzzTests
{
    [Fact]
    public void Whatever_the_tables_hold_a_walk_ends_within_the_rules()
    {
        var memory = new byte[8 * Frame.Size];
        var tables = new ArrayTables(memory);
        var random = new Random(20240607);
        var translated = 0;
        var deadline = Environment.TickCount64 + 1000;
        for (var round = 0; Environment.TickCount64 < deadline; round++)
        {
            random.NextBytes(memory);
            if (round % 4 != 0)
                PointIntoMemory(memory, random);
            for (var i = 0; i < 200; i++)
            {
                var mode = new PagingMode(
                    (PagingLevels)random.Next(0, 5), random.Next(2) == 0, random.Next(2) == 0, (byte)random.Next(32, 53));
                var va = RandomAddress(random);
                var root = new Pa(random.Next(8) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(memory.Length));
                translated += Check(tables, va, root, mode) ? 1 : 0;
            }
        }

        Assert.InRange(translated, 100, int.MaxValue);
    }

    private static bool Check(ArrayTables tables, Va va, Pa root, PagingMode mode)
    {
        var levels = mode.Levels switch
        {
            PagingLevels.None => 0,
            PagingLevels.Legacy => 2,
            PagingLevels.Pae => 3,
            PagingLevels.Four => 4,
            _ => 5,
        };
        tables.Reads = 0;
        var mapped = Amd64Architecture.Instance.TryTranslate(tables, va, root, mode, out var translation, out var fault);
        Assert.InRange(tables.Reads, 0, levels);
        var walk = Amd64Architecture.Instance.Walk(tables, va, root, mode);
        Assert.Equal(fault, walk.Fault);
        Assert.Equal(mapped ? translation : null, walk.Translation);
        if (!mapped)
        {
            Assert.Equal(default, translation);
            Assert.NotEqual(TranslationFaultCause.None, fault.Cause);
            Assert.Equal(va.Value, fault.Address);
            return false;
        }

        Assert.Equal(default, fault);
        Assert.Contains(translation.PageShift, (int[])[12, 21, 22, 30]);
        var offset = (1UL << translation.PageShift) - 1;
        Assert.Equal(va.Value & offset, translation.Pa.Value & offset);
        Assert.True(translation.Pa.Value >> Math.Max(mode.PhysicalAddressBits, (byte)32) == 0);
        return true;
    }

    /// <summary>Makes most entries present and lets them lead to other tables.</summary>
    private static void PointIntoMemory(byte[] memory, Random random)
    {
        foreach (ref var entry in MemoryMarshal.Cast<byte, ulong>(memory.AsSpan()))
        {
            if (random.Next(8) != 0)
                entry = entry & 0x80E0_0000_0000_0F87 | 1 | (ulong)random.Next(8) << 12;
        }
    }

    private static Va RandomAddress(Random random)
    {
        var address = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return new Va(random.Next(4) switch
        {
            0 => address,
            1 => (uint)address,
            2 => (ulong)((long)(address << 16) >> 16),
            _ => (ulong)((long)(address << 7) >> 7),
        });
    }

    private sealed class ArrayTables(byte[] memory) : PageTableReader
    {
        public int Reads { get; set; }

        public override bool TryReadUInt32(Pa address, out uint entry) => TryReadEntry(address, out entry);

        public override bool TryReadUInt64(Pa address, out ulong entry) => TryReadEntry(address, out entry);

        private bool TryReadEntry<T>(Pa address, out T entry)
            where T : unmanaged
        {
            Reads++;
            entry = default;
            return address.Value < (ulong)memory.Length && MemoryMarshal.TryRead(memory.AsSpan((int)address.Value), out entry);
        }
    }
}
