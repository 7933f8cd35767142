using System.Globalization;
using System.Text;

namespace Vmi.Qemu;

/// <summary>Files of `/proc/PID`, which may vanish or be closed to us at any moment.</summary>
internal static class ProcFiles
{
    private const int Longest = 64 * 1024 * 1024;

    /// <summary>A file's content as UTF-8; "" if it can't be read.</summary>
    public static string Read(int pid, string name)
    {
        try
        {
            using var stream = new FileStream(PathOf(pid, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
            var content = new MemoryStream();
            var block = new byte[16384];
            for (int count; content.Length < Longest && (count = stream.Read(block)) > 0;)
                content.Write(block, 0, count);
            return Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Where a link points to; null if it can't be read.</summary>
    public static string? Link(int pid, string name)
    {
        try
        {
            return new FileInfo(PathOf(pid, name)).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The open files of a process: descriptor and what it points to. Empty if that can't be read.</summary>
    public static IEnumerable<(int Descriptor, string Target)> Descriptors(int pid)
    {
        string[] names;
        try
        {
            names = [.. new DirectoryInfo(PathOf(pid, "fd")).EnumerateFileSystemInfos().Select(file => file.Name)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (var name in names)
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
                && Link(pid, $"fd/{name}") is { } target)
                yield return (descriptor, target);
        }
    }

    /// <summary>The pids that there are now, ascending.</summary>
    public static IReadOnlyList<int> Pids()
    {
        var pids = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                pids.Add(pid);
        }
        pids.Sort();
        return pids;
    }

    public static string PathOf(int pid, string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{name}");
}
