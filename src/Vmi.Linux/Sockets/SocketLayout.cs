using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct socket`: what a process holds.</summary>
internal sealed class SocketLayout : StructLayout
{
    public SocketLayout(Profile profile)
        : base(profile, "socket")
    {
        File = Number("file");
        Sock = Number("sk");
    }

    public Field File { get; }

    public Field Sock { get; }
}
