namespace Vmi.Linux;

/// <summary>Of files: linux/fcntl.h and its neighbours.</summary>
internal static class FileConstants
{
    public const ulong CreatesFile = 0x40 | 0x400000;

    public static readonly FlagTable Open = new(
        (0x40, "O_CREAT"), (0x80, "O_EXCL"), (0x100, "O_NOCTTY"), (0x200, "O_TRUNC"), (0x400, "O_APPEND"), (0x800, "O_NONBLOCK"),
        (0x101000, "O_SYNC"), (0x1000, "O_DSYNC"), (0x2000, "FASYNC"), (0x4000, "O_DIRECT"), (0x8000, "O_LARGEFILE"),
        (0x20000, "O_NOFOLLOW"), (0x40000, "O_NOATIME"), (0x80000, "O_CLOEXEC"), (0x200000, "O_PATH"), (0x410000, "O_TMPFILE"),
        (0x10000, "O_DIRECTORY"))
    {
        FieldMask = 3,
        Field = new((0, "O_RDONLY"), (1, "O_WRONLY"), (2, "O_RDWR"), (3, "O_ACCMODE")),
    };

    public static readonly FlagTable Resolve = new(
        (0x1, "RESOLVE_NO_XDEV"), (0x2, "RESOLVE_NO_MAGICLINKS"), (0x4, "RESOLVE_NO_SYMLINKS"), (0x8, "RESOLVE_BENEATH"),
        (0x10, "RESOLVE_IN_ROOT"), (0x20, "RESOLVE_CACHED"));

    /// <summary>Of `pipe2` and `dup3`.</summary>
    public static readonly FlagTable Pipe = new((0x800, "O_NONBLOCK"), (0x4000, "O_DIRECT"), (0x80000, "O_CLOEXEC"));

    public static readonly FlagTable TimerDescriptor = new((0x800, "TFD_NONBLOCK"), (0x80000, "TFD_CLOEXEC"));

    public static readonly FlagTable SignalDescriptor = new((0x800, "SFD_NONBLOCK"), (0x80000, "SFD_CLOEXEC"));

    public static readonly FlagTable InotifyDescriptor = new((0x800, "IN_NONBLOCK"), (0x80000, "IN_CLOEXEC"));

    public static readonly FlagTable EventDescriptor = new((0x1, "EFD_SEMAPHORE"), (0x800, "EFD_NONBLOCK"), (0x80000, "EFD_CLOEXEC"));

    public static readonly FlagTable CloseOnExec = new((0x1, "FD_CLOEXEC"));

    public static readonly FlagTable At = new(
        (0x6000, "AT_STATX_SYNC_TYPE"), (0x100, "AT_SYMLINK_NOFOLLOW"), (0x400, "AT_SYMLINK_FOLLOW"), (0x800, "AT_NO_AUTOMOUNT"),
        (0x1000, "AT_EMPTY_PATH"), (0x2000, "AT_STATX_FORCE_SYNC"), (0x4000, "AT_STATX_DONT_SYNC"), (0x8000, "AT_RECURSIVE"));

    public static readonly FlagTable Unlink = new((0x200, "AT_REMOVEDIR"));

    public static readonly FlagTable AccessAt = new((0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_EACCESS"), (0x1000, "AT_EMPTY_PATH"));

    public static readonly FlagTable Statx = new(
        (0xfff, "STATX_ALL"), (0x7ff, "STATX_BASIC_STATS"), (0x1, "STATX_TYPE"), (0x2, "STATX_MODE"), (0x4, "STATX_NLINK"),
        (0x8, "STATX_UID"), (0x10, "STATX_GID"), (0x20, "STATX_ATIME"), (0x40, "STATX_MTIME"), (0x80, "STATX_CTIME"),
        (0x100, "STATX_INO"), (0x200, "STATX_SIZE"), (0x400, "STATX_BLOCKS"), (0x800, "STATX_BTIME"), (0x1000, "STATX_MNT_ID"),
        (0x2000, "STATX_DIOALIGN"));

    public static readonly FlagTable Access = new((0x4, "R_OK"), (0x2, "W_OK"), (0x1, "X_OK")) { None = "F_OK" };

    public static readonly ConstantTable Whence = new(
        (0, "SEEK_SET"), (1, "SEEK_CUR"), (2, "SEEK_END"), (3, "SEEK_DATA"), (4, "SEEK_HOLE"));

    public static readonly FlagTable Rename = new((0x1, "RENAME_NOREPLACE"), (0x2, "RENAME_EXCHANGE"), (0x4, "RENAME_WHITEOUT"));

    public static readonly FlagTable Fallocate = new(
        (0x1, "FALLOC_FL_KEEP_SIZE"), (0x2, "FALLOC_FL_PUNCH_HOLE"), (0x4, "FALLOC_FL_NO_HIDE_STALE"), (0x8, "FALLOC_FL_COLLAPSE_RANGE"),
        (0x10, "FALLOC_FL_ZERO_RANGE"), (0x20, "FALLOC_FL_INSERT_RANGE"), (0x40, "FALLOC_FL_UNSHARE_RANGE"));

    public static readonly ConstantTable Advice = new(
        (0, "POSIX_FADV_NORMAL"), (1, "POSIX_FADV_RANDOM"), (2, "POSIX_FADV_SEQUENTIAL"), (3, "POSIX_FADV_WILLNEED"),
        (4, "POSIX_FADV_DONTNEED"), (5, "POSIX_FADV_NOREUSE"));

    public static readonly FlagTable Lock = new((0x1, "LOCK_SH"), (0x2, "LOCK_EX"), (0x8, "LOCK_UN"), (0x4, "LOCK_NB"));

    public static readonly FlagTable ReadWrite = new(
        (0x1, "RWF_HIPRI"), (0x2, "RWF_DSYNC"), (0x4, "RWF_SYNC"), (0x8, "RWF_NOWAIT"), (0x10, "RWF_APPEND"));

    public static readonly FlagTable Splice = new(
        (0x1, "SPLICE_F_MOVE"), (0x2, "SPLICE_F_NONBLOCK"), (0x4, "SPLICE_F_MORE"), (0x8, "SPLICE_F_GIFT"));

    public static readonly FlagTable Mount = new(
        (0x1, "MS_RDONLY"), (0x2, "MS_NOSUID"), (0x4, "MS_NODEV"), (0x8, "MS_NOEXEC"), (0x10, "MS_SYNCHRONOUS"), (0x20, "MS_REMOUNT"),
        (0x40, "MS_MANDLOCK"), (0x80, "MS_DIRSYNC"), (0x100, "MS_NOSYMFOLLOW"), (0x400, "MS_NOATIME"), (0x800, "MS_NODIRATIME"),
        (0x1000, "MS_BIND"), (0x2000, "MS_MOVE"), (0x4000, "MS_REC"), (0x8000, "MS_SILENT"), (0x10000, "MS_POSIXACL"),
        (0x20000, "MS_UNBINDABLE"), (0x40000, "MS_PRIVATE"), (0x80000, "MS_SLAVE"), (0x100000, "MS_SHARED"), (0x200000, "MS_RELATIME"),
        (0x800000, "MS_I_VERSION"), (0x1000000, "MS_STRICTATIME"), (0x2000000, "MS_LAZYTIME"));

    public static readonly FlagTable Unmount = new((0x1, "MNT_FORCE"), (0x2, "MNT_DETACH"), (0x4, "MNT_EXPIRE"), (0x8, "UMOUNT_NOFOLLOW"));

    public static readonly FlagTable ExtendedAttribute = new((0x1, "XATTR_CREATE"), (0x2, "XATTR_REPLACE"));

    public static readonly FlagTable Inotify = new(
        (0xfff, "IN_ALL_EVENTS"), (0x1, "IN_ACCESS"), (0x2, "IN_MODIFY"), (0x4, "IN_ATTRIB"), (0x8, "IN_CLOSE_WRITE"),
        (0x10, "IN_CLOSE_NOWRITE"), (0x20, "IN_OPEN"), (0x40, "IN_MOVED_FROM"), (0x80, "IN_MOVED_TO"), (0x100, "IN_CREATE"),
        (0x200, "IN_DELETE"), (0x400, "IN_DELETE_SELF"), (0x800, "IN_MOVE_SELF"), (0x1000000, "IN_ONLYDIR"),
        (0x2000000, "IN_DONT_FOLLOW"), (0x4000000, "IN_EXCL_UNLINK"), (0x10000000, "IN_MASK_CREATE"), (0x20000000, "IN_MASK_ADD"),
        (0x40000000, "IN_ISDIR"), (0x80000000, "IN_ONESHOT"));

    public static readonly ConstantTable Control = new(
        (0, "F_DUPFD"), (1, "F_GETFD"), (2, "F_SETFD"), (3, "F_GETFL"), (4, "F_SETFL"), (5, "F_GETLK"), (6, "F_SETLK"), (7, "F_SETLKW"),
        (8, "F_SETOWN"), (9, "F_GETOWN"), (10, "F_SETSIG"), (11, "F_GETSIG"), (15, "F_SETOWN_EX"), (16, "F_GETOWN_EX"),
        (17, "F_GETOWNER_UIDS"), (36, "F_OFD_GETLK"), (37, "F_OFD_SETLK"), (38, "F_OFD_SETLKW"), (1024, "F_SETLEASE"),
        (1025, "F_GETLEASE"), (1026, "F_NOTIFY"), (1029, "F_CANCELLK"), (1030, "F_DUPFD_CLOEXEC"), (1031, "F_SETPIPE_SZ"),
        (1032, "F_GETPIPE_SZ"), (1033, "F_ADD_SEALS"), (1034, "F_GET_SEALS"), (1035, "F_GET_RW_HINT"), (1036, "F_SET_RW_HINT"),
        (1037, "F_GET_FILE_RW_HINT"), (1038, "F_SET_FILE_RW_HINT"));

    public static readonly FlagTable Seals = new(
        (0x1, "F_SEAL_SEAL"), (0x2, "F_SEAL_SHRINK"), (0x4, "F_SEAL_GROW"), (0x8, "F_SEAL_WRITE"), (0x10, "F_SEAL_FUTURE_WRITE"));

    public static readonly ConstantTable LeaseOrLock = new((0, "F_RDLCK"), (1, "F_WRLCK"), (2, "F_UNLCK"));

    public static readonly FlagTable CloseRange = new((0x2, "CLOSE_RANGE_UNSHARE"), (0x4, "CLOSE_RANGE_CLOEXEC"));
}
