namespace Vmi.Linux;

/// <summary>What an open file is. Corresponds to the type in `inode.i_mode`.</summary>
public enum LinuxFileKind
{
    /// <summary>Its inode is not there, or has a type that no kernel has.</summary>
    Unknown,

    /// <summary>A file with content.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link (opened with `O_PATH`).</summary>
    SymbolicLink,

    /// <summary>A device without blocks: a terminal, /dev/null.</summary>
    CharacterDevice,

    /// <summary>A device with blocks: a disk.</summary>
    BlockDevice,

    /// <summary>A pipe, with a name in a directory or without.</summary>
    Pipe,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>What only the kernel makes: eventfd, epoll, timerfd and the like (`anon_inode:`).</summary>
    Anonymous,
}
