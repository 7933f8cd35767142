using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct file`, with `struct backing_file`, which stacked file systems map in its place.</summary>
internal sealed class FileLayout : StructLayout
{
    public FileLayout(Profile profile)
        : base(profile, "file")
    {
        Mount = Number("f_path.mnt");
        Dentry = Number("f_path.dentry");
        Inode = Number("f_inode");
        Mode = Number("f_mode");
        Flags = Number("f_flags");
        Position = Number("f_pos");
        PrivateData = Number("private_data");
        UserPath = profile.TryGetField("backing_file", "user_path", out var path) ? path.Offset : null;
        PathMount = profile.Field("path", "mnt").Offset;
        PathDentry = profile.Field("path", "dentry").Offset;
        RootPath = profile.Field("fs_struct", "root").Offset;
        WorkingPath = profile.Field("fs_struct", "pwd").Offset;
        NamespaceReaper = profile.Field("pid_namespace", "child_reaper").Offset;
    }

    public Field Mount { get; }

    public Field Dentry { get; }

    public Field Inode { get; }

    public Field Mode { get; }

    public Field Flags { get; }

    public Field Position { get; }

    public Field PrivateData { get; }

    /// <summary>`backing_file.user_path`: the path that the user opened.</summary>
    public ulong? UserPath { get; }

    public ulong PathMount { get; }

    public ulong PathDentry { get; }

    /// <summary>`fs_struct.root`.</summary>
    public ulong RootPath { get; }

    /// <summary>`fs_struct.pwd`.</summary>
    public ulong WorkingPath { get; }

    /// <summary>`pid_namespace.child_reaper`.</summary>
    public ulong NamespaceReaper { get; }
}
