using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>`struct open_how`: how `openat2` opens.</summary>
internal sealed class OpenHowDecoder() : StructureDecoder(SyscallValueKind.Structure, Bytes, Bytes, atReturn: false)
{
    public static readonly OpenHowDecoder Instance = new();

    private const int Bytes = 3 * sizeof(ulong);

    protected override void AppendStructure(SyscallFrame frame, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        FlagsDecoder.AppendFlags(FileConstants.Open, BinaryPrimitives.ReadUInt64LittleEndian(bytes), text.Append("{flags="));
        OctalDecoder.AppendMode(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), text.Append(", mode="));
        FlagsDecoder.AppendFlags(FileConstants.Resolve, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), text.Append(", resolve="));
        text.Append('}');
    }
}
