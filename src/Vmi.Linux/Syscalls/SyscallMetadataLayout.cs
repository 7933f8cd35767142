using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct syscall_metadata`: what ftrace knows of a system call.</summary>
internal sealed class SyscallMetadataLayout : StructLayout
{
    public SyscallMetadataLayout(Profile profile)
        : base(profile, "syscall_metadata")
    {
        SyscallName = Number("name");
        SyscallNumber = Number("syscall_nr");
        ArgumentCount = Number("nb_args");
        Types = Number("types");
        Arguments = Number("args");
    }

    /// <summary>`sys_` and the name, as text.</summary>
    public Field SyscallName { get; }

    /// <summary>`syscall_nr`: filled in at boot, -1 before and for calls of 32-bit programs only.</summary>
    public Field SyscallNumber { get; }

    public Field ArgumentCount { get; }

    /// <summary>An array of pointers to text.</summary>
    public Field Types { get; }

    /// <summary>An array of pointers to text.</summary>
    public Field Arguments { get; }
}
