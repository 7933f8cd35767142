using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>
/// A logger for Xen's libraries that says nothing (struct xentoollog_logger): without one they write to the standard error of the
/// program. What went wrong is told by the error number.
/// </summary>
internal static unsafe class QuietLogger
{
    /// <summary>The logger; it is never freed.</summary>
    public static nint Instance { get; } = Make();

    private static nint Make()
    {
        var table = (nint*)NativeMemory.Alloc(3, (nuint)sizeof(nint));
        table[0] = (nint)(delegate* unmanaged<nint, int, int, nint, nint, nint, void>)&Message;
        table[1] = (nint)(delegate* unmanaged<nint, nint, nint, int, nuint, nuint, void>)&Progress;
        table[2] = (nint)(delegate* unmanaged<nint, void>)&Destroy;
        return (nint)table;
    }

    [UnmanagedCallersOnly]
    private static void Message(nint logger, int level, int error, nint context, nint format, nint arguments)
    {
    }

    [UnmanagedCallersOnly]
    private static void Progress(nint logger, nint context, nint doing, int percent, nuint done, nuint total)
    {
    }

    [UnmanagedCallersOnly]
    private static void Destroy(nint logger)
    {
    }
}
