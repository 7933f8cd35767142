using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Vmi.Symbols;

/// <summary>
/// Goes over a whole BTF blob once, so that nothing read from it later needs a check: every type lies within the section, every
/// id and every name exists. What remains for readers to bound are cycles of types.
/// </summary>
internal static class BtfChecker
{
    private const int TypeBytes = 12;

    /// <summary>`KSYM_NAME_LEN`, the kernel's own bound of the names in its BTF.</summary>
    private const int MaxNameLength = 512;

    /// <summary>
    /// Checks the blob and tells where each type starts (of a blob without a base, entry 0 stands for `void`). With a base, its types and
    /// strings exist too, and the blob's own follow on them.
    /// </summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static string? Check(ReadOnlySpan<byte> blob, BtfHeader header, int maxTypes, BtfTypes? baseTypes, out int[] offsets)
    {
        offsets = [];
        var strings = blob.Slice(header.Strings, header.StringsLength);
        if ((strings[0] != 0 && baseTypes is null) || strings[^1] != 0)
            return "its strings don't start and end with NUL";
        if (LongestName(strings) > MaxNameLength)
            return $"it has a name of more than {MaxNameLength} bytes";

        var firstId = baseTypes?.Count ?? 0;
        var starts = new List<int>(header.TypesLength / 24);
        if (baseTypes is null)
            starts.Add(0);
        var layout = blob.Slice(header.Layout, header.LayoutLength);
        var types = blob.Slice(header.Types, header.TypesLength);
        for (var at = 0; at < types.Length;)
        {
            if (firstId + starts.Count >= maxTypes)
                return $"it has more than {maxTypes} types";
            if (types.Length - at < TypeBytes)
                return $"type {firstId + starts.Count} is cut off";
            var info = Word(types, at + 4);
            if (BodyLength((BtfKind)(info >> 24 & 0x7f), (int)(info & 0xffffff), layout) is not { } body)
                return $"type {firstId + starts.Count} has the unknown kind {info >> 24 & 0x7f}";
            if (types.Length - at - TypeBytes < body)
                return $"type {firstId + starts.Count} is cut off";
            starts.Add(header.Types + at);
            at += TypeBytes + (int)body;
        }

        for (var i = baseTypes is null ? 1 : 0; i < starts.Count; i++)
            if (!IsSound(blob[starts[i]..], firstId + starts.Count, (baseTypes?.StringsEnd ?? 0) + (long)strings.Length))
                return $"type {firstId + i} refers to a type or a name that does not exist";
        offsets = [.. starts];
        return null;
    }

    private static int LongestName(ReadOnlySpan<byte> strings)
    {
        var longest = 0;
        while (strings.IndexOf((byte)0) is var length and >= 0)
        {
            longest = Math.Max(longest, length);
            strings = strings[(length + 1)..];
        }

        return longest;
    }

    private static long? BodyLength(BtfKind kind, int count, ReadOnlySpan<byte> layout)
    {
        switch (kind)
        {
            case BtfKind.Int or BtfKind.Var or BtfKind.DeclTag:
                return 4;
            case BtfKind.Array:
                return 12;
            case BtfKind.Struct or BtfKind.Union or BtfKind.Datasec or BtfKind.Enum64:
                return 12L * count;
            case BtfKind.Enum or BtfKind.FuncProto:
                return 8L * count;
            case BtfKind.Ptr or BtfKind.Fwd or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict
                or BtfKind.Func or BtfKind.Float or BtfKind.TypeTag:
                return 0;
            case BtfKind.Void:
                return null;
            default:
                // `struct btf_layout`: bytes after the type, bytes of each element, flags.
                var at = (int)kind * 4;
                if (at + 4 > layout.Length)
                    return null;
                var length = layout[at] + (long)layout[at + 1] * count;
                return length % 4 == 0 ? length : null;
        }
    }

    private static bool IsSound(ReadOnlySpan<byte> type, int typeCount, long stringsEnd)
    {
        if (!IsName(type, 0))
            return false;
        var info = Word(type, 4);
        var count = (int)(info & 0xffffff);
        switch ((BtfKind)(info >> 24 & 0x7f))
        {
            case BtfKind.Ptr or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Func
                or BtfKind.Var or BtfKind.DeclTag or BtfKind.TypeTag:
                return IsType(type, 8);
            case BtfKind.Array:
                return IsType(type, 12) && IsType(type, 16);
            case BtfKind.Struct or BtfKind.Union:
                return AreElements(type, 12, typeAt: 4);
            case BtfKind.FuncProto:
                return IsType(type, 8) && AreElements(type, 8, typeAt: 4);
            case BtfKind.Enum:
                return AreElements(type, 8);
            case BtfKind.Enum64:
                return AreElements(type, 12);
            default:
                return true;
        }

        bool AreElements(ReadOnlySpan<byte> type, int bytes, int typeAt = -1)
        {
            for (var at = TypeBytes; at < TypeBytes + count * bytes; at += bytes)
                if (!IsName(type, at) || (typeAt >= 0 && !IsType(type, at + typeAt)))
                    return false;
            return true;
        }

        bool IsName(ReadOnlySpan<byte> type, int at) => Word(type, at) < stringsEnd;

        bool IsType(ReadOnlySpan<byte> type, int at) => Word(type, at) < (uint)typeCount;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
