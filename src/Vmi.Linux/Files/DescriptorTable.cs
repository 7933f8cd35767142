using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>The files that a process has open: `task_struct.files`.</summary>
internal static class DescriptorTable
{
    private const int Chunk = Frame.Size;

    /// <summary>After so many entries that lead to no file the rest is not looked at: what the table's pointer leads to is none.</summary>
    private const int MostMissing = 256;

    public static VmiList<LinuxOpenFile> Read(KernelReader kernel, PathReader paths, Va files)
    {
        var missing = new Shortfall();
        var found = new List<LinuxOpenFile>();
        // A process that ended has none.
        if (files.IsNull)
            return new VmiList<LinuxOpenFile>(found);
        var layout = kernel.Layouts.Files;
        if (!kernel.TryReadVa(files + layout.Table, out var at) || !kernel.TryReadStruct(at, layout, out var table))
            return new VmiList<LinuxOpenFile>(found, $"the table of open files at {files} is not there");

        var count = table.Read(layout.Count);
        if (count > (ulong)kernel.Limits.ListEntries)
        {
            missing.Add($"the table of open files is cut at {kernel.Limits.ListEntries} entries");
            count = (ulong)kernel.Limits.ListEntries;
        }

        var array = table.ReadVa(layout.Files);
        var bits = table.ReadVa(layout.CloseOnExec);
        var pointers = new byte[Chunk];
        var lost = 0;
        for (ulong first = 0; first < count && lost <= MostMissing; first += Chunk / sizeof(ulong))
        {
            var entries = (int)Math.Min(count - first, Chunk / sizeof(ulong));
            var part = pointers.AsSpan(0, entries * sizeof(ulong));
            if (!kernel.TryRead(array + first * sizeof(ulong), part))
            {
                missing.Add($"the open files from {first} on are not there");
                break;
            }

            for (var i = 0; i < entries && lost <= MostMissing; i++)
            {
                // The kernel's pointers may have marks in their low bits.
                var file = new Va(BinaryPrimitives.ReadUInt64LittleEndian(part[(i * sizeof(ulong))..]) & ~3UL);
                if (!file.IsNull)
                    Add((int)first + i, file);
            }
        }

        if (lost > MostMissing)
            missing.Add($"what comes behind {MostMissing} files that are not there is not looked at");
        return new VmiList<LinuxOpenFile>(found, missing.ToString());

        void Add(int descriptor, Va file)
        {
            if (paths.Read(file) is not { } record)
            {
                lost++;
                missing.Add($"the file of descriptor {descriptor} at {file} is not there");
                return;
            }

            if (record.Path is null)
            {
                lost++;
                missing.Add($"the name of the file at {file} is not there, or too long");
            }

            if (!kernel.TryReadUInt32(bits + (ulong)descriptor / 32 * sizeof(uint), out var word))
                missing.Add($"whether descriptor {descriptor} is closed on exec is not there");
            found.Add(new LinuxOpenFile(kernel, descriptor, (word >> (descriptor % 32) & 1) != 0, record));
        }
    }
}
