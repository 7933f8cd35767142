using System.Text;

namespace Vmi.Linux;

/// <summary>One `struct epoll_event`, which the program gives to `epoll_ctl`.</summary>
internal sealed class EpollEventDecoder()
    : StructureDecoder(SyscallValueKind.Structure, EpollDecoder.EventSize, EpollDecoder.EventSize, atReturn: false)
{
    public static readonly EpollEventDecoder Instance = new();

    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text) =>
        EpollDecoder.AppendEvent(bytes, text);
}
