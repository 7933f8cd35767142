using System.Globalization;

namespace Vmi.Qemu;

/// <summary>The files (memfd, /dev/shm, hugetlbfs) that a QEMU process shares its guest memory through, mapped here too; each once.</summary>
internal sealed class SharedMappings(HostProcess process, bool writable)
{
    private readonly Dictionary<(ulong Inode, string Path), SharedFile?> _files = [];

    /// <summary>Whether writes through the mappings reach the guest.</summary>
    public bool AreWritable { get; } = writable;

    /// <summary>Why a file was not mapped, the last time one was not; null if all were.</summary>
    public string? Failure { get; private set; }

    /// <summary>The file below an area, mapped; null if that can't be had.</summary>
    public SharedFile? Map(HostArea area, IReadOnlyList<HostArea> areas)
    {
        var key = (area.Inode, area.Path);
        if (!_files.TryGetValue(key, out var file) || (file is not null && !Covers(file, area)))
        {
            var end = areas.Where(other => other.IsSharedFile && (other.Inode, other.Path) == key).Max(other => other.Offset + (other.End - other.Start));
            file = Open(area, end);
            _files[key] = file;
        }
        return file is not null && Covers(file, area) ? file : null;
    }

    private static bool Covers(SharedFile file, HostArea area) =>
        area.Offset <= (ulong)file.Mapping.Length && area.End - area.Start <= (ulong)file.Mapping.Length - area.Offset;

    private SharedFile? Open(HostArea area, ulong end)
    {
        var failure = $"{area.Path} can't be opened through /proc/{process.Pid}";
        foreach (var path in Candidates(area))
        {
            try
            {
                if (SharedFile.Open(path, (long)end, AreWritable) is { } file)
                    return file;
                failure = $"{area.Path} is shorter than the memory it backs";
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
            {
                failure = $"{area.Path} can't be mapped: {error.Message.TrimEnd('.')}";
            }
        }
        Failure = failure;
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
