using System.Globalization;

namespace Vmi.Symbols;

/// <summary>Builds the layout of one type.</summary>
internal sealed class LayoutBuilder(BtfTypes types)
{
    private const int MaxMembers = 1 << 16;

    private readonly CDeclarations _declarations = new(types);
    private readonly Stack<int> _open = [];
    private int _members;

    public TypeLayout Build(BtfType type)
    {
        var isTypedef = type.Kind == BtfKind.Typedef;
        var target = isTypedef ? _declarations.Declare(type.TargetId, "") : null;
        types.TrySkipModifiers(type.Id, out var body);
        ulong? size = types.TryGetSize(type.Id, out var bytes) ? bytes : null;
        var enumerators = new BtfEnumerator[body.IsEnum ? body.ElementCount : 0];
        if (enumerators.Length > MaxMembers)
            throw TooLarge(type.Name);
        for (var i = 0; i < enumerators.Length; i++)
            enumerators[i] = body.Enumerator(i);
        var name = isTypedef ? type.Name : _declarations.Declare(type.Id, "");
        return new TypeLayout(type.Kind, name, size, target, Members(body, 0, body.OwnSize, 0), enumerators);
    }

    private TypeMember[] Members(BtfType type, ulong bitOffset, ulong structSize, int depth)
    {
        if (!type.IsStructOrUnion)
            return [];
        _members += type.ElementCount;
        if (depth > BtfSizes.MaxDepth || _members > MaxMembers || _open.Contains(type.Id))
            throw TooLarge(type.Name);
        _open.Push(type.Id);
        var members = new TypeMember[type.ElementCount];
        for (var i = 0; i < members.Length; i++)
        {
            var raw = BtfPath.AsBitField(types, type.Member(i));
            members[i] = Member(raw with { BitOffset = raw.BitOffset + bitOffset }, structSize, depth);
        }

        _open.Pop();
        return members;
    }

    private TypeMember Member(BtfMember raw, ulong structSize, int depth)
    {
        var typeName = _declarations.Declare(raw.TypeId, "");
        var declaration = _declarations.Declare(raw.TypeId, raw.Name);
        if (BitFields.TryPlace(types, raw, structSize, out var bits))
            return new TypeMember(raw.Name, typeName, string.Create(CultureInfo.InvariantCulture, $"{declaration}:{raw.BitCount}"),
                bits.Offset, bits.Size, bits.BitOffset, bits.BitCount, []);

        types.TryGetSize(raw.TypeId, out var size);
        var nested = Members(Anonymous(raw.TypeId), raw.BitOffset, structSize, depth + 1);
        return new TypeMember(raw.Name, typeName, declaration, raw.BitOffset / 8, size, null, null, nested);
    }

    /// <summary>The structure or union without a name that a member, or each element of an array, consists of; else `void`.</summary>
    private BtfType Anonymous(int typeId)
    {
        for (var depth = 0; depth < BtfSizes.MaxDepth; depth++)
        {
            var type = types[typeId];
            if (type.IsStructOrUnion)
                return type.NameOffset == 0 ? type : types[0];
            if (type.Kind is not (BtfKind.Array or BtfKind.Const or BtfKind.Volatile or BtfKind.TypeTag))
                break;
            typeId = type.TargetId;
        }

        return types[0];
    }

    private static VmiFormatException TooLarge(string name) =>
        new($"The type {name} has more than {MaxMembers} members, or is nested without end: this BTF is not a kernel's.");
}
