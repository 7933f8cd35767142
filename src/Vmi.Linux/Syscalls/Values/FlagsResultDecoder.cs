using System.Text;

namespace Vmi.Linux;

/// <summary>A result that is bits with names: `0x8002 (flags O_RDWR|O_LARGEFILE)`.</summary>
/// <param name="table">The names.</param>
internal sealed class FlagsResultDecoder(FlagTable table) : ValueDecoder(SyscallValueKind.Flags)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        text.AppendHex(value);
        if (value != 0)
            FlagsDecoder.AppendFlags(table, value, text.Append(" (flags "));
        text.Append(value != 0 ? ")" : "");
    }
}
