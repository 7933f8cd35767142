using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>libxenforeignmemory (xenforeignmemory.h).</summary>
internal static unsafe partial class XenForeignMemory
{
    public const int Read = 1;       // PROT_READ
    public const int ReadWrite = 3;  // PROT_READ | PROT_WRITE

    static XenForeignMemory() => RuntimeHelpers.RunClassConstructor(typeof(XenLibraries).TypeHandle);

    [LibraryImport(XenLibraries.ForeignMemory, SetLastError = true)]
    public static partial nint xenforeignmemory_open(nint logger, uint flags);

    [LibraryImport(XenLibraries.ForeignMemory)]
    public static partial int xenforeignmemory_close(nint memory);

    /// <summary>Maps frames side by side; each has its own error number, 0 for a frame that is there.</summary>
    [LibraryImport(XenLibraries.ForeignMemory, SetLastError = true)]
    public static partial byte* xenforeignmemory_map(nint memory, uint domain, int protection, nuint count, ulong* gfns, int* errors);
}
