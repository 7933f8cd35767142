using System.Text;

namespace Vmi.Linux;

/// <summary>Writes values of one sort for people. One instance serves all calls and threads: what it reads is in the frame.</summary>
/// <param name="kind">The sort.</param>
/// <param name="atReturn">Whether the value is what the kernel writes where the argument points.</param>
internal abstract class ValueDecoder(SyscallValueKind kind, bool atReturn = false)
{
    public SyscallValueKind Kind { get; } = kind;

    public bool AtReturn { get; } = atReturn;

    /// <summary>Writes a value; for one <see cref="AtReturn"/> only when the call succeeded.</summary>
    public abstract void Append(SyscallFrame frame, ulong value, StringBuilder text);
}
