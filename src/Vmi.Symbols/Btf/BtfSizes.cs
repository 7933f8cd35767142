namespace Vmi.Symbols;

/// <summary>Sizes of types, through modifiers and arrays.</summary>
internal static class BtfSizes
{
    /// <summary>How many modifiers or array dimensions may stand in a row; real kernels have fewer than ten.</summary>
    public const int MaxDepth = 32;

    public static bool TryGet(BtfTypes types, int id, out ulong size)
    {
        size = 0;
        ulong count = 1;
        for (var depth = 0; depth < MaxDepth; depth++)
        {
            if (!types.TrySkipModifiers(id, out var type))
                return false;
            switch (type.Kind)
            {
                case BtfKind.Array:
                    count = SaturatingMultiply(count, type.ArrayLength);
                    id = type.TargetId;
                    continue;
                case BtfKind.Ptr:
                    size = SaturatingMultiply(count, (ulong)types.PointerSize);
                    break;
                case BtfKind.Int or BtfKind.Float or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64
                    or BtfKind.Datasec:
                    size = SaturatingMultiply(count, type.OwnSize);
                    break;
                default:
                    return false;
            }

            return size <= long.MaxValue;
        }

        return false;
    }

    private static ulong SaturatingMultiply(ulong left, ulong right) =>
        Math.BigMul(left, right, out var low) == 0 ? low : ulong.MaxValue;
}
