using System.Text;

namespace Vmi.Linux;

/// <summary>A value, or a result, whose meaning another argument decides: `fcntl` with its command, `socket` with its family.</summary>
/// <param name="kind">What it mostly is.</param>
/// <param name="argument">Which argument decides.</param>
/// <param name="choose">The decoder for a value of that argument.</param>
internal sealed class ByArgumentDecoder(SyscallValueKind kind, int argument, Func<uint, ValueDecoder> choose) : ValueDecoder(kind)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text) =>
        choose((uint)frame.Argument(argument)).Append(frame, value, text);
}
