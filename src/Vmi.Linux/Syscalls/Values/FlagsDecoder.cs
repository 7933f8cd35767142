using System.Text;

namespace Vmi.Linux;

/// <summary>Bits that have names.</summary>
/// <param name="table">The names.</param>
/// <param name="size">Bytes of the value's type.</param>
internal sealed class FlagsDecoder(FlagTable table, int size = sizeof(uint)) : ValueDecoder(SyscallValueKind.Flags)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text) =>
        AppendFlags(table, size == sizeof(uint) ? (uint)value : value, text);

    public static void AppendFlags(FlagTable table, ulong value, StringBuilder text)
    {
        var start = text.Length;
        if (table.Field is { } field)
        {
            var part = value & table.FieldMask;
            value &= ~table.FieldMask;
            // Zero is a value of a field if it has a name; else nothing was asked for.
            if (field.TryGetName(part, out var name))
                text.Append(name);
            else if (part != 0)
                text.AppendHex(part);
        }

        foreach (var (bits, name) in table.Flags)
        {
            if ((value & bits) != bits || bits == 0)
                continue;
            value &= ~bits;
            Separate().Append(name);
        }

        if (value != 0)
            Separate().AppendHex(value);
        if (text.Length == start)
            text.Append(table.None);

        StringBuilder Separate() => text.Length == start ? text : text.Append('|');
    }
}
