using System.Globalization;

namespace Vmi.Qemu;

/// <summary>One line of `/proc/PID/maps`: a mapping of a process.</summary>
/// <param name="Start">The first address.</param>
/// <param name="End">The first address after it.</param>
/// <param name="Shared">Whether writes reach the file (`s`), not a private copy of it (`p`).</param>
/// <param name="Offset">Where in the file the mapping begins.</param>
/// <param name="Inode">The file's inode; 0 without a file.</param>
/// <param name="Path">The file's path; "" without one.</param>
internal readonly record struct HostArea(ulong Start, ulong End, bool Shared, ulong Offset, ulong Inode, string Path)
{
    /// <summary>Whether a file lies below it whose bytes are the process's own.</summary>
    public bool IsSharedFile => Shared && Inode != 0;

    /// <summary>Whether it is memory of the process's own, with no file below it.</summary>
    public bool IsAnonymous => !Shared && Inode == 0;

    /// <summary>Parses the file; lines of another form are left out.</summary>
    public static IReadOnlyList<HostArea> Parse(string maps)
    {
        var areas = new List<HostArea>();
        foreach (var line in maps.AsSpan().EnumerateLines())
        {
            if (TryParse(line, out var area))
                areas.Add(area);
        }
        return areas;
    }

    private static bool TryParse(ReadOnlySpan<char> line, out HostArea area)
    {
        area = default;
        var rest = line;
        var range = Next(ref rest);
        var rights = Next(ref rest);
        var offsetText = Next(ref rest);
        Next(ref rest); // device
        var inodeText = Next(ref rest);
        var dash = range.IndexOf('-');
        if (dash < 0 || rights.Length < 4
            || !TryHex(range[..dash], out var start) || !TryHex(range[(dash + 1)..], out var end) || end <= start
            || !TryHex(offsetText, out var offset)
            || !ulong.TryParse(inodeText, NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
            return false;
        area = new HostArea(start, end, rights[3] == 's', offset, inode, rest.Trim().ToString());
        return true;
    }

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart(' ');
        var blank = rest.IndexOf(' ');
        var word = blank < 0 ? rest : rest[..blank];
        rest = rest[word.Length..];
        return word;
    }

    private static bool TryHex(ReadOnlySpan<char> digits, out ulong value) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
