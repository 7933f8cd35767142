using System.Text;

namespace Vmi.Linux;

/// <summary>The permissions of a file (`umode_t`): `0644`, `022`.</summary>
internal sealed class OctalDecoder() : ValueDecoder(SyscallValueKind.Integer)
{
    public static readonly OctalDecoder Instance = new();

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text) => AppendMode((ushort)value, text);

    public static void AppendMode(ulong value, StringBuilder text) =>
        text.Append(("0" + Convert.ToString((long)value, 8)).PadLeft(3, '0'));
}
