using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>The calls of Linux that .NET has no form of.</summary>
internal static unsafe partial class Libc
{
    public const short PollIn = 1;

    // errno.h
    public const int NoProcess = 3;        // ESRCH
    public const int NoMemory = 12;        // ENOMEM
    public const int Busy = 16;            // EBUSY
    public const int Interrupted = 4;      // EINTR
    public const int NotPermitted = 1;     // EPERM
    public const int AccessDenied = 13;    // EACCES
    public const int NoEntry = 2;          // ENOENT
    public const int NotSupported = 95;    // EOPNOTSUPP

    [LibraryImport("libc")]
    public static partial void free(void* memory);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
