using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct cred`.</summary>
internal sealed class CredLayout : StructLayout
{
    public CredLayout(Profile profile)
        : base(profile, "cred")
    {
        Uid = Number("uid");
        Gid = Number("gid");
        Suid = Number("suid");
        Sgid = Number("sgid");
        Euid = Number("euid");
        Egid = Number("egid");
        Fsuid = Number("fsuid");
        Fsgid = Number("fsgid");
    }

    public Field Uid { get; }

    public Field Gid { get; }

    public Field Suid { get; }

    public Field Sgid { get; }

    public Field Euid { get; }

    public Field Egid { get; }

    public Field Fsuid { get; }

    public Field Fsgid { get; }
}
