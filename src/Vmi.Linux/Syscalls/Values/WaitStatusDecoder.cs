using System.Text;

namespace Vmi.Linux;

/// <summary>How a child ended or stopped (wait(2)): the parts of the status that wait4 writes.</summary>
internal sealed class WaitStatusDecoder() : StructureDecoder(SyscallValueKind.Structure, sizeof(int), sizeof(int), atReturn: true)
{
    public static readonly WaitStatusDecoder Instance = new();

    private const uint Stopped = 0x7f;
    private const uint Continued = 0xffff;
    private const uint CoreDumped = 0x80;

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        // With WNOHANG and no child that changed, nothing is written.
        if (frame.Result == 0)
            AddressDecoder.AppendAddress(value, text);
        else
            base.Append(frame, value, text);
    }

    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        var status = SyscallFrame.UInt32(bytes);
        var (low, high) = (status & Stopped, status >> 8 & 0xff);
        text.Append("[{");
        if (status == Continued)
            text.Append("WIFCONTINUED(s)");
        else if (low == 0)
            text.Append("WIFEXITED(s) && WEXITSTATUS(s) == ").AppendNumber((long)high);
        else if (low == Stopped)
            ConstantDecoder.AppendConstant(SignalConstants.Signals, high, text.Append("WIFSTOPPED(s) && WSTOPSIG(s) == "));
        else
            ConstantDecoder.AppendConstant(SignalConstants.Signals, low, text.Append("WIFSIGNALED(s) && WTERMSIG(s) == "));
        if (low is not (0 or Stopped) && (status & CoreDumped) != 0)
            text.Append(" && WCOREDUMP(s)");
        text.Append("}]");
    }
}
