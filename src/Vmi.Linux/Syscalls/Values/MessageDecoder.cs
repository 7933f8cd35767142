using System.Text;

namespace Vmi.Linux;

/// <summary>`struct user_msghdr`: what sendmsg sends, or recvmsg has received.</summary>
/// <param name="atReturn">Whether the kernel fills its buffers.</param>
internal sealed class MessageDecoder(bool atReturn)
    : StructureDecoder(SyscallValueKind.Structure, 7 * sizeof(ulong), 7 * sizeof(uint), atReturn)
{
    private readonly VectorDecoder _vectors = new(count: 0, atReturn);

    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        // name, its length (an int, padded), vectors, their count, control data, its length, flags (an int).
        var width = frame.Width;
        var nameLength = SyscallFrame.UInt32(bytes[width..]);
        var count = frame.Word(bytes[(3 * width)..]);
        text.Append("{msg_name=");
        SocketAddressDecoder.AppendAddress(frame, frame.Word(bytes), nameLength, text);
        text.Append(", msg_namelen=").AppendNumber((ulong)nameLength).Append(", msg_iov=");
        _vectors.AppendArray(frame, frame.Word(bytes[(2 * width)..]), count, text);
        text.Append(", msg_iovlen=").AppendNumber(count).Append(", msg_controllen=").AppendNumber(frame.Word(bytes[(5 * width)..]))
            .Append(", msg_flags=");
        FlagsDecoder.AppendFlags(SocketConstants.MessageFlags, SyscallFrame.UInt32(bytes[(6 * width)..]), text);
        text.Append('}');
    }
}
