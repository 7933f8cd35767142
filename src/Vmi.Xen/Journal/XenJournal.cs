using System.Globalization;

namespace Vmi.Xen;

/// <summary>
/// What this process has changed in a domain, written down before each change, so that another process can undo it if this one is killed.
/// A file of lines in a directory of root's; there is none when nothing is changed.
/// </summary>
internal sealed class XenJournal : IDisposable
{
    private const int MostLines = 4096;

    private readonly string _path;
    private readonly string _who;
    private readonly JournalEntries _entries = new();
    private StreamWriter? _file;
    private int _lines;

    /// <summary>The journal of a domain; nothing is written yet.</summary>
    /// <param name="directory">Where journals are.</param>
    /// <param name="domain">The domain's number.</param>
    /// <param name="handle">The domain's unique identifier: numbers are used again after a restart.</param>
    public XenJournal(string directory, uint domain, Guid handle)
    {
        _path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"xen-{domain}-{handle:N}.journal"));
        _who = $"Xen domain {domain}";
        _entries.Apply(OwnerLine(ProcessStamp.Own));
    }

    /// <summary>Whether something is noted for the domain, by this process or another.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>What a process that is gone has left; null if there is nothing, or it runs.</summary>
    public JournalEntries? Left()
    {
        try
        {
            var entries = new JournalEntries();
            foreach (var line in File.ReadLines(_path))
                entries.Apply(line);
            return entries.Owner.IsAlive ? null : entries;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All that was left is undone.</summary>
    public void Forget() => File.Delete(_path);

    /// <summary>Notes a change: before it is made, or after it was undone.</summary>
    /// <exception cref="VmiDriverException">It can't be written.</exception>
    public void Note(string line)
    {
        try
        {
            _entries.Apply(line);
            if (_entries.IsEmpty)
            {
                Dispose();
                return;
            }

            if (_file is null || _lines > MostLines)
                Begin();
            else
                _file.WriteLine(line);
            _lines++;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VmiDriverException($"{_who}: what is changed can't be noted in {_path}: {exception.Message}", exception);
        }
    }

    /// <summary>Notes that the rights of frames are about to be changed.</summary>
    public void NoteRights(ReadOnlySpan<ulong> gfns) => Note($"rights {string.Join(' ', gfns.ToArray())}");

    /// <summary>Ends it; the file goes, unless there is something to undo.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        if (_file is not null && _entries.IsEmpty)
            File.Delete(_path);
        _file = null;
    }

    private static string OwnerLine(ProcessStamp owner) => $"owner {owner.Pid} {owner.StartTicks}";

    /// <summary>Writes all of it, beside the old file and then in its place.</summary>
    private void Begin()
    {
        _file?.Dispose();
        MakeDirectory(Path.GetDirectoryName(_path)!);
        var made = _path + ".new";
        var stream = new FileStream(made, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete);
        _file = new StreamWriter(stream) { AutoFlush = true };
        _lines = 0;
        foreach (var each in _entries.Lines())
        {
            _file.WriteLine(each);
            _lines++;
        }

        File.Move(made, _path, overwrite: true);
    }

    /// <summary>Others than root must not say what is to be undone.</summary>
    private static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
