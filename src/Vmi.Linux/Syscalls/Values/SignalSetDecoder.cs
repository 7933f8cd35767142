using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Vmi.Linux;

/// <summary>`sigset_t`: `[INT CHLD]`; `~[...]` where fewer are missing than there.</summary>
/// <param name="atReturn">Whether the kernel writes it.</param>
internal sealed class SignalSetDecoder(bool atReturn = false)
    : StructureDecoder(SyscallValueKind.Flags, sizeof(ulong), sizeof(ulong), atReturn)
{
    private const int Signals = 64;
    private const int Prefix = 3;

    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        var set = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (BitOperations.PopCount(set) > Signals * 2 / 3)
        {
            text.Append('~');
            set = ~set;
        }

        text.Append('[');
        for (var first = true; set != 0; set &= set - 1, first = false)
        {
            var signal = (uint)BitOperations.TrailingZeroCount(set) + 1;
            text.Append(first ? "" : " ");
            if (Signal(signal) is { } name)
                text.Append(name, Prefix, name.Length - Prefix);
            else
                text.Append("RT_").AppendNumber((ulong)(signal - SignalConstants.FirstRealTime));
        }

        text.Append(']');
    }

    private static string? Signal(uint number) => SignalConstants.Signals.TryGetName(number, out var name) ? name : null;
}
