using System.Text;

namespace Vmi.Linux;

/// <summary>One of several values that have names; another as a number.</summary>
/// <param name="table">The names.</param>
internal sealed class ConstantDecoder(ConstantTable table) : ValueDecoder(SyscallValueKind.Constant)
{
    public override void Append(SyscallFrame frame, ulong value, StringBuilder text) => AppendConstant(table, (uint)value, text);

    public static void AppendConstant(ConstantTable table, uint value, StringBuilder text)
    {
        if (table.TryGetName(value, out var name))
            text.Append(name);
        else
            text.AppendNumber((int)value);
    }
}
