namespace Vmi.Amd64;

/// <summary>Single bits and runs of bits of a register.</summary>
internal static class Bits
{
    public static bool Get(ulong value, int bit) => (value >> bit & 1) != 0;

    public static ulong With(ulong value, int bit, bool on) => on ? value | 1UL << bit : value & ~(1UL << bit);

    public static int Get(ulong value, int bit, int count) => (int)(value >> bit & ((1UL << count) - 1));

    public static ulong With(ulong value, int bit, int count, int part)
    {
        var mask = ((1UL << count) - 1) << bit;
        return value & ~mask | (ulong)part << bit & mask;
    }
}
