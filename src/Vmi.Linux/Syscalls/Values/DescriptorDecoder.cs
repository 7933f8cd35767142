using System.Text;

namespace Vmi.Linux;

/// <summary>A file descriptor.</summary>
internal sealed class DescriptorDecoder() : ValueDecoder(SyscallValueKind.FileDescriptor)
{
    public static readonly DescriptorDecoder Instance = new();

    /// <summary>`AT_FDCWD` of linux/fcntl.h: the working directory.</summary>
    private const int WorkingDirectory = -100;

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        if ((int)value == WorkingDirectory)
            text.Append("AT_FDCWD");
        else
            text.AppendNumber((int)value);
    }
}
