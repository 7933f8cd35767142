using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Runtime.InteropServices;

// The physical limit of a command that looks through a memory file: without an argument an empty program, with one a pass over the file.
if (args is not [var path])
    return;

using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
Console.WriteLine(Sum(view));

static unsafe ulong Sum(MemoryMappedViewAccessor view)
{
    byte* start = null;
    view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    try
    {
        var words = MemoryMarshal.Cast<byte, Vector<ulong>>(new ReadOnlySpan<byte>(start, checked((int)view.Capacity)));
        var sum = Vector<ulong>.Zero;
        foreach (var word in words)
            sum += word;
        return Vector.Sum(sum);
    }
    finally
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
    }
}
