using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>
/// What a kernel changes in itself when it is not where it was linked to (arch/x86/boot/compressed/misc.c, handle_relocations): behind the
/// ELF file stand lists of addresses, the lower 32 bits of each, each list after a zero: 64-bit numbers, then 32-bit ones of which the
/// distance is taken away (until 6.14), then 32-bit ones.
/// </summary>
internal static class KernelRelocations
{
    /// <summary>Moves a part of the kernel's content.</summary>
    /// <param name="file">The kernel's file.</param>
    /// <param name="address">Where the part was linked to.</param>
    /// <param name="bytes">The part.</param>
    /// <param name="distance">How far the kernel is from where it was linked to.</param>
    /// <returns>False if the file has no relocations.</returns>
    public static bool TryApply(LinuxKernelFile file, ulong address, Span<byte> bytes, ulong distance)
    {
        var rest = file.Rest;
        var count = rest.Length / sizeof(uint);
        var lists = 0;
        for (var i = 0; i < count; i++)
            lists += Number(rest, i) == 0 ? 1 : 0;
        if (lists is not (2 or 3) || Number(rest, 0) != 0)
            return false;
        var list = 0;
        for (var i = 0; i < count; i++)
        {
            if (Number(rest, i) == 0)
            {
                list++;
                continue;
            }

            var at = unchecked((ulong)(int)Number(rest, i) - address);
            var size = list == 1 ? sizeof(ulong) : sizeof(uint);
            if (at <= (ulong)bytes.Length && (ulong)size <= (ulong)bytes.Length - at)
                Move(bytes[(int)at..], size, list == 2 && lists == 3 ? unchecked(0 - distance) : distance);
        }

        return true;
    }

    private static void Move(Span<byte> place, int size, ulong distance)
    {
        if (size == sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(place, unchecked(BinaryPrimitives.ReadUInt64LittleEndian(place) + distance));
        else
            BinaryPrimitives.WriteUInt32LittleEndian(place, unchecked(BinaryPrimitives.ReadUInt32LittleEndian(place) + (uint)distance));
    }

    private static uint Number(ReadOnlySpan<byte> list, int index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(list[(index * sizeof(uint))..]);
}
