using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>As many `struct epoll_event`, which is packed, as `epoll_wait` returns.</summary>
internal sealed class EpollDecoder() : ArrayDecoder(SyscallValueKind.Structure, atReturn: true)
{
    public const int EventSize = 12;

    public static readonly EpollDecoder Instance = new();

    public static void AppendEvent(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        text.Append("{events=");
        FlagsDecoder.AppendFlags(PollConstants.EpollEvents, SyscallFrame.UInt32(bytes), text);
        text.Append(", data={u32=").AppendNumber((ulong)SyscallFrame.UInt32(bytes[sizeof(uint)..])).Append(", u64=")
            .AppendNumber(BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(uint)..])).Append("}}");
    }

    protected override int Size(SyscallFrame frame) => EventSize;

    protected override ulong Count(SyscallFrame frame) => (ulong)frame.Result.GetValueOrDefault();

    protected override void AppendElement(SyscallFrame frame, ReadOnlySpan<byte> element, StringBuilder text) => AppendEvent(element, text);
}
