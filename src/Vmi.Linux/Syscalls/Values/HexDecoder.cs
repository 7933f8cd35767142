using System.Text;

namespace Vmi.Linux;

/// <summary>Bits without names.</summary>
/// <param name="size">Bytes.</param>
internal sealed class HexDecoder(int size = sizeof(ulong)) : ValueDecoder(SyscallValueKind.Integer)
{
    public static readonly HexDecoder UInt = new(sizeof(uint));
    public static readonly HexDecoder ULong = new();

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text) =>
        text.AppendHex(size == sizeof(uint) ? (uint)value : value);
}
