using System.Text;

namespace Vmi.Linux;

/// <summary>A pointer whose content is not shown.</summary>
internal sealed class AddressDecoder() : ValueDecoder(SyscallValueKind.Address)
{
    public static readonly AddressDecoder Instance = new();

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text) => AppendAddress(value, text);

    public static void AppendAddress(ulong value, StringBuilder text)
    {
        if (value == 0)
            text.Append("NULL");
        else
            text.AppendHex(value);
    }
}
