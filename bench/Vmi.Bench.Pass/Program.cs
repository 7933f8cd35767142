using System.Numerics;
using System.Runtime.InteropServices;

// The physical limit of a command that looks through a memory file: without an argument an empty program, with one a pass over the file.
if (args is not [var path])
    return;

// Read, not mapped: for one pass that is quicker.
using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
var (buffer, sum) = (new byte[256 << 10], Vector<ulong>.Zero);
for (long offset = 0; RandomAccess.Read(file, buffer, offset) is var count and > 0; offset += count)
    foreach (var word in MemoryMarshal.Cast<byte, Vector<ulong>>(buffer.AsSpan(0, count)))
        sum += word;
Console.WriteLine(Vector.Sum(sum));
