using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vmi.Dumps;

/// <summary>The calls of Linux that .NET has no form of.</summary>
internal static partial class NativeMethods
{
    private const int CurrentDirectory = -100;   // AT_FDCWD
    private const uint WantType = 1;             // STATX_TYPE
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;           // struct statx: stx_mode
    private const int TypeMask = 0xf000;         // S_IFMT

    private const int SetSignal = 10;            // F_SETSIG
    private const int SetLease = 1024;           // F_SETLEASE
    private const int ReadLease = 0;             // F_RDLCK
    private const int NoLease = 2;               // F_UNLCK
    private const int UrgentSignal = 23;         // SIGURG: ignored unless asked for

    /// <summary>What stands at a path, links followed: S_IFREG, S_IFIFO, …; 0 if that can't be told.</summary>
    public static unsafe int FileType(string path)
    {
        var buffer = stackalloc byte[StatxBytes];
        return statx(CurrentDirectory, path, 0, WantType, buffer) == 0 ? *(ushort*)(buffer + ModeOffset) & TypeMask : 0;
    }

    /// <summary>
    /// Whether nobody has the file open for writing now. Linux grants a read lease on just those files. False also where it can't be
    /// told: another owner's file, a file system without leases.
    /// </summary>
    public static bool HasNoWriter(SafeFileHandle file)
    {
        // A writer that comes while the lease stands raises a signal; the default one would end this process.
        if (fcntl(file, SetSignal, UrgentSignal) != 0 || fcntl(file, SetLease, ReadLease) != 0)
            return false;
        return fcntl(file, SetLease, NoLease) == 0;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc")]
    private static partial int fcntl(SafeFileHandle file, int command, int argument);
}
