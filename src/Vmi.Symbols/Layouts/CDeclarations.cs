using System.Globalization;
using System.Text;

namespace Vmi.Symbols;

/// <summary>
/// Writes types and declarations as C does. One declaration, and all of one instance, have so many characters at most; then `...`
/// stands for each type.
/// </summary>
internal sealed class CDeclarations(BtfTypes types)
{
    private const int MaxLength = 16 * 1024;
    private const int MaxTotalLength = 8 << 20;

    private int _total = MaxTotalLength;
    private int _budget;

    /// <summary>The declaration of something of a type; with an empty declarator, the type's name.</summary>
    public string Declare(int typeId, string declarator)
    {
        var budget = _budget = Math.Min(MaxLength, _total);
        var text = Declare(typeId, declarator, 0);
        _total -= budget - _budget;
        return text;
    }

    private string Declare(int typeId, string declarator, int depth)
    {
        _budget -= declarator.Length + 8;
        if (depth > BtfSizes.MaxDepth || _budget < 0)
            return "..." + declarator;

        var type = types[typeId];
        switch (type.Kind)
        {
            case BtfKind.Ptr:
                var binds = types[type.TargetId].Kind is BtfKind.Array or BtfKind.FuncProto;
                return Declare(type.TargetId, binds ? $"(*{declarator})" : $"*{declarator}", depth + 1);
            case BtfKind.Array:
                var length = type.ArrayLength == 0 ? "" : type.ArrayLength.ToString(CultureInfo.InvariantCulture);
                return Declare(type.TargetId, $"{declarator}[{length}]", depth + 1);
            case BtfKind.FuncProto:
                return Declare(type.TargetId, $"{declarator}({Parameters(type, depth)})", depth + 1);
            case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict:
                var word = type.Kind switch { BtfKind.Const => "const", BtfKind.Volatile => "volatile", _ => "restrict" };
                // What qualifies a pointer stands behind its asterisk, anything else in front.
                return IsPointer(type.TargetId)
                    ? Declare(type.TargetId, Join(word, declarator), depth + 1)
                    : Join(word, Declare(type.TargetId, declarator, depth + 1));
            case BtfKind.TypeTag or BtfKind.DeclTag or BtfKind.Var or BtfKind.Func:
                return Declare(type.TargetId, declarator, depth + 1);
            default:
                return Join(BaseName(type), declarator);
        }
    }

    private bool IsPointer(int typeId)
    {
        for (var depth = 0; depth < BtfSizes.MaxDepth; depth++)
        {
            var type = types[typeId];
            if (type.Kind == BtfKind.Ptr)
                return true;
            if (type.Kind is not (BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag))
                return false;
            typeId = type.TargetId;
        }

        return false;
    }

    private string Parameters(BtfType function, int depth)
    {
        if (function.ElementCount == 0)
            return "void";
        var text = new StringBuilder();
        for (var i = 0; i < function.ElementCount && _budget >= 0; i++)
        {
            var (name, typeId) = function.Parameter(i);
            var isVariadic = typeId == 0 && i == function.ElementCount - 1;
            text.Append(i == 0 ? "" : ", ").Append(isVariadic ? "..." : Declare(typeId, name, depth + 1));
        }

        return text.ToString();
    }

    private string BaseName(BtfType type)
    {
        var name = type.Kind == BtfKind.Void ? "void" : type.Name;
        _budget -= name.Length;
        if (name.Length == 0)
            name = "{...}";
        return type.Kind switch
        {
            BtfKind.Struct => $"struct {name}",
            BtfKind.Union => $"union {name}",
            BtfKind.Enum or BtfKind.Enum64 => $"enum {name}",
            BtfKind.Fwd => $"{(type.KindFlag ? "union" : "struct")} {name}",
            _ => name,
        };
    }

    private static string Join(string word, string declarator) =>
        declarator.Length == 0 || declarator[0] == '[' ? word + declarator : $"{word} {declarator}";
}
