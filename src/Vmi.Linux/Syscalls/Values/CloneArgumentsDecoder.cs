using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>`struct clone_args`: the members of its first version that say what kind of child `clone3` makes.</summary>
internal sealed class CloneArgumentsDecoder() : StructureDecoder(SyscallValueKind.Structure, Bytes, Bytes, atReturn: false)
{
    public static readonly CloneArgumentsDecoder Instance = new();

    // flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls.
    private const int Bytes = 8 * sizeof(ulong);

    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        FlagsDecoder.AppendFlags(ProcessConstants.Clone, Member(bytes, 0), text.Append("{flags="));
        ConstantDecoder.AppendConstant(SignalConstants.Signals, (uint)Member(bytes, 4), text.Append(", exit_signal="));
        AddressDecoder.AppendAddress(Member(bytes, 5), text.Append(", stack="));
        text.Append(", stack_size=").AppendHex(Member(bytes, 6)).Append('}');
    }

    private static ulong Member(ReadOnlySpan<byte> bytes, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * sizeof(ulong))..]);
}
