namespace Vmi.Linux;

/// <summary>What an argument is, so that a program knows how to show it.</summary>
public enum SyscallValueKind
{
    /// <summary>A number; signed where its C type is.</summary>
    Integer,

    /// <summary>An address of the process whose content is not shown.</summary>
    Address,

    /// <summary>A file descriptor, or `AT_FDCWD`.</summary>
    FileDescriptor,

    /// <summary>The path of a file; <see cref="SyscallArgument.Content"/> is the path itself.</summary>
    Path,

    /// <summary>A string; <see cref="SyscallArgument.Content"/> is the string itself.</summary>
    Text,

    /// <summary>Bits that have names.</summary>
    Flags,

    /// <summary>One of several values that have names.</summary>
    Constant,

    /// <summary>The beginning of a buffer, or of several (`struct iovec`).</summary>
    Buffer,

    /// <summary>An array of strings: `argv`, `envp`.</summary>
    TextArray,

    /// <summary>The address of a socket: `struct sockaddr`.</summary>
    SocketAddress,

    /// <summary>Any other structure or array whose content is shown.</summary>
    Structure,
}
