using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Vmi.Qemu;

/// <summary>The files (memfd, /dev/shm, hugetlbfs) that a QEMU process shares its guest memory through, mapped here too; each once.</summary>
internal sealed class SharedMappings(HostProcess process, bool writable)
{
    private readonly Dictionary<(ulong Inode, string Path), HostMapping?> _mappings = [];

    /// <summary>Whether writes through the mappings reach the guest.</summary>
    public bool AreWritable { get; } = writable;

    /// <summary>Why a file was not mapped, the last time one was not; null if all were.</summary>
    public string? Failure { get; private set; }

    /// <summary>The mapping of the file below an area; null if it can't be had.</summary>
    public HostMapping? Map(HostArea area, IReadOnlyList<HostArea> areas)
    {
        var key = (area.Inode, area.Path);
        if (!_mappings.TryGetValue(key, out var mapping) || (mapping is not null && !Covers(mapping, area)))
        {
            var end = areas.Where(other => other.IsSharedFile && (other.Inode, other.Path) == key).Max(other => other.Offset + (other.End - other.Start));
            mapping = Open(area, end);
            _mappings[key] = mapping;
        }
        return mapping is not null && Covers(mapping, area) ? mapping : null;
    }

    private static bool Covers(HostMapping mapping, HostArea area) =>
        area.Offset <= (ulong)mapping.Length && area.End - area.Start <= (ulong)mapping.Length - area.Offset;

    private HostMapping? Open(HostArea area, ulong end)
    {
        foreach (var path in Candidates(area))
        {
            try
            {
                using (SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
                {
                    // Pages beyond a file's end can't be touched: a device, or a file that was cut, is read through the process.
                    if ((ulong)RandomAccess.GetLength(file) < end)
                    {
                        Failure = $"{area.Path} is shorter than the memory it backs";
                        return null;
                    }
                }
                return HostMapping.Open(path, (long)end, AreWritable);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
            {
                Failure = $"{area.Path} can't be mapped: {error.Message}";
            }
        }
        Failure ??= $"{area.Path} can't be opened through /proc/{process.Pid}";
        return null;
    }

    /// <summary>The file as the process itself has it: its mapping's link (root only), else an open descriptor of the same inode.</summary>
    private IEnumerable<string> Candidates(HostArea area)
    {
        yield return ProcFiles.PathOf(
            process.Pid, string.Create(CultureInfo.InvariantCulture, $"map_files/{area.Start:x}-{area.End:x}"));
        foreach (var (descriptor, target) in ProcFiles.Descriptors(process.Pid))
        {
            if (target == area.Path && Inode(descriptor) == area.Inode)
                yield return ProcFiles.PathOf(process.Pid, string.Create(CultureInfo.InvariantCulture, $"fd/{descriptor}"));
        }
    }

    private ulong Inode(int descriptor)
    {
        var information = ProcFiles.Read(process.Pid, string.Create(CultureInfo.InvariantCulture, $"fdinfo/{descriptor}"));
        foreach (var line in information.Split('\n'))
        {
            if (line.StartsWith("ino:", StringComparison.Ordinal)
                && ulong.TryParse(line.AsSpan(4).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
                return inode;
        }
        return 0;
    }
}
