using System.Buffers.Binary;

namespace Vmi.Symbols;

/// <summary>One type of a BTF blob: a view on its bytes, decoded on demand (`struct btf_type` and what follows it).</summary>
public readonly struct BtfType
{
    private readonly BtfTypes _types;
    private readonly int _offset;

    internal BtfType(BtfTypes types, int id, int offset)
    {
        _types = types;
        Id = id;
        _offset = offset;
    }

    /// <summary>The type's number; 0 is `void`.</summary>
    public int Id { get; }

    /// <summary>The kind; may be one that <see cref="BtfKind"/> does not name if the blob tells how to skip it.</summary>
    public BtfKind Kind => Id == 0 ? BtfKind.Void : (BtfKind)(Info >> 24 & 0x7f);

    /// <summary>The name; empty if it has none.</summary>
    public string Name => _types.StringAt(NameOffset);

    /// <summary>How many elements (members, enumerators, parameters, variables) follow.</summary>
    public int ElementCount => Id == 0 ? 0 : (int)(Info & 0xffffff);

    /// <summary>`kind_flag`: a structure has bit fields, a forward is a union, an enumeration is signed.</summary>
    public bool KindFlag => Info >> 31 != 0;

    /// <summary>Bytes, where the kind has them itself: integers, floats, structures, unions, enumerations, sections. Else 0.</summary>
    public uint OwnSize => Kind is BtfKind.Int or BtfKind.Float or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64
        or BtfKind.Datasec ? Word(8) : 0;

    /// <summary>The id of the type that this one refers to: pointers, modifiers, typedefs, functions' results, array elements.</summary>
    public int TargetId => Kind switch
    {
        BtfKind.Array => (int)Word(12),
        BtfKind.Ptr or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Func
            or BtfKind.FuncProto or BtfKind.Var or BtfKind.DeclTag or BtfKind.TypeTag => (int)Word(8),
        _ => 0,
    };

    /// <summary>How many elements an array has; 0 for a flexible one and for other kinds.</summary>
    public uint ArrayLength => Kind == BtfKind.Array ? Word(20) : 0;

    /// <summary>The number of significant bits of an integer.</summary>
    public int IntBits => Kind == BtfKind.Int ? (byte)Word(12) : 0;

    /// <summary>Where an integer's bits start in its bytes: 0 but for bit fields of old encoders.</summary>
    public int IntBitOffset => Kind == BtfKind.Int ? (byte)(Word(12) >> 16) : 0;

    /// <summary>Whether an integer or an enumeration is signed.</summary>
    public bool IsSigned => Kind switch
    {
        BtfKind.Int => (Word(12) >> 24 & 1) != 0,
        BtfKind.Enum or BtfKind.Enum64 => KindFlag,
        _ => false,
    };

    /// <summary>Whether this is a structure or a union.</summary>
    public bool IsStructOrUnion => Kind is BtfKind.Struct or BtfKind.Union;

    /// <summary>Whether this is an enumeration.</summary>
    public bool IsEnum => Kind is BtfKind.Enum or BtfKind.Enum64;

    internal int NameOffset => Id == 0 ? 0 : (int)Word(0);

    private uint Info => Id == 0 ? 0 : Word(4);

    /// <summary>A member of a structure or union.</summary>
    /// <param name="index">0 to <see cref="ElementCount"/> - 1.</param>
    public BtfMember Member(int index)
    {
        CheckIndex(index, IsStructOrUnion);
        var at = 12 + index * 12;
        var position = Word(at + 8);
        return KindFlag
            ? new BtfMember(_types.StringAt((int)Word(at)), (int)Word(at + 4), position & 0xffffff, (int)(position >> 24))
            : new BtfMember(_types.StringAt((int)Word(at)), (int)Word(at + 4), position, 0);
    }

    /// <summary>A parameter of a function prototype.</summary>
    /// <param name="index">0 to <see cref="ElementCount"/> - 1.</param>
    public BtfParameter Parameter(int index)
    {
        CheckIndex(index, Kind == BtfKind.FuncProto);
        return new BtfParameter(_types.StringAt((int)Word(12 + index * 8)), (int)Word(16 + index * 8));
    }

    /// <summary>An enumerator.</summary>
    /// <param name="index">0 to <see cref="ElementCount"/> - 1.</param>
    public BtfEnumerator Enumerator(int index)
    {
        CheckIndex(index, IsEnum);
        return new BtfEnumerator(_types.StringAt(EnumeratorNameOffset(index)), EnumeratorValue(index));
    }

    internal int MemberNameOffset(int index) => (int)Word(12 + index * 12);

    internal int EnumeratorNameOffset(int index) => (int)Word(12 + index * (Kind == BtfKind.Enum ? 8 : 12));

    internal long EnumeratorValue(int index)
    {
        if (Kind == BtfKind.Enum64)
            return (long)((ulong)Word(12 + index * 12 + 8) << 32 | Word(12 + index * 12 + 4));
        var value = Word(12 + index * 8 + 4);
        return KindFlag ? (int)value : value;
    }

    private void CheckIndex(int index, bool hasThem)
    {
        if (!hasThem || (uint)index >= (uint)ElementCount)
            throw new ArgumentOutOfRangeException(nameof(index));
    }

    private uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_types.Span[(_offset + at)..]);
}
