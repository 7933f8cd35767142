using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vmi.Qemu;

/// <summary>
/// Which pages of a process's anonymous memory have ever been written (`/proc/PID/pagemap`): the others are zeros, and reading them from
/// outside would give the process a page table, and on some kernels a page, for each.
/// </summary>
internal sealed class TouchedPages : IDisposable
{
    /// <summary>Shorter reads are of something that is there: asking first would double their cost.</summary>
    public const int Worthwhile = 16 * Frame.Size;

    private const int PagesAtOnce = 512;

    // Bits 63 and 62: the page is in memory, or swapped out (Documentation/admin-guide/mm/pagemap.rst).
    private const ulong InUse = 3UL << 62;

    private readonly SafeFileHandle? _pagemap;

    public TouchedPages(int pid)
    {
        try
        {
            _pagemap = File.OpenHandle(ProcFiles.PathOf(pid, "pagemap"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Then every page is read.
        }
    }

    /// <summary>The bytes from an address on, up to <paramref name="length"/>, that are all untouched or all not.</summary>
    public int Run(ulong address, int length, out bool isTouched)
    {
        Span<ulong> entries = stackalloc ulong[PagesAtOnce];
        var first = address / Frame.Size;
        var pages = (int)Math.Min((address + (ulong)length - 1) / Frame.Size - first + 1, PagesAtOnce);
        entries = entries[..pages];
        isTouched = true;
        if (_pagemap is null || !TryReadEntries(first, entries))
            return length;
        isTouched = (entries[0] & InUse) != 0;
        var run = 1;
        while (run < pages && (entries[run] & InUse) != 0 == isTouched)
            run++;
        return (int)Math.Min((first + (ulong)run) * Frame.Size - address, (ulong)length);
    }

    public void Dispose() => _pagemap?.Dispose();

    private bool TryReadEntries(ulong first, Span<ulong> entries)
    {
        try
        {
            var bytes = MemoryMarshal.AsBytes(entries);
            return RandomAccess.Read(_pagemap!, bytes, (long)first * sizeof(ulong)) == bytes.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
