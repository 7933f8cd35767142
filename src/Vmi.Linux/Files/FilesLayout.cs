using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct files_struct`, with `struct fdtable`, of which every process has one.</summary>
internal sealed class FilesLayout : StructLayout
{
    public FilesLayout(Profile profile)
        : base(profile, "fdtable")
    {
        Count = Number("max_fds");
        Files = Number("fd");
        CloseOnExec = Number("close_on_exec");
        Table = profile.Field("files_struct", "fdt").Offset;
    }

    public Field Count { get; }

    /// <summary>The array of `struct file *`.</summary>
    public Field Files { get; }

    /// <summary>The array of bits.</summary>
    public Field CloseOnExec { get; }

    /// <summary>`files_struct.fdt`.</summary>
    public ulong Table { get; }
}
