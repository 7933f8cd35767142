using System.Buffers.Binary;
using System.Text;

namespace Vmi.Symbols;

/// <summary>Writes a BTF blob (Documentation/bpf/btf.rst) of types that come from elsewhere; numbers them from 1.</summary>
internal sealed class BtfWriter
{
    private const int LargestBitFieldOffset = (1 << 24) - 1;

    private readonly MemoryStream _types = new();
    private readonly MemoryStream _strings = new();
    private readonly Dictionary<string, uint> _names = new() { [""] = 0 };
    private int _count = 1;

    public BtfWriter() => _strings.WriteByte(0);

    /// <summary>The number that the next type gets.</summary>
    public int NextId => _count;

    /// <summary>An integer; a bit each says that it is signed, a character, a truth value (`BTF_INT_SIGNED`, `CHAR`, `BOOL`).</summary>
    public int Int(string name, uint size, uint encoding)
    {
        var id = Begin(name, BtfKind.Int, 0, false, size);
        Word(encoding << 24 | size * 8);
        return id;
    }

    /// <summary>A type that has a size and no more: a floating-point number.</summary>
    public int Float(string name, uint size) => Begin(name, BtfKind.Float, 0, false, size);

    /// <summary>A type that is only declared.</summary>
    public int Forward(string name, bool isUnion) => Begin(name, BtfKind.Fwd, 0, isUnion, 0);

    public int Pointer(int target) => Begin("", BtfKind.Ptr, 0, false, (uint)target);

    public int Array(int element, uint count)
    {
        var id = Begin("", BtfKind.Array, 0, false, 0);
        Word((uint)element);
        Word(0);
        Word(count);
        return id;
    }

    /// <summary>A function without parameters: what is not known of it.</summary>
    public int Function() => Begin("", BtfKind.FuncProto, 0, false, 0);

    /// <summary>An enumeration, of 64-bit values if one of them needs it.</summary>
    public int Enumeration(string name, uint size, IReadOnlyList<(string Name, long Value)> values)
    {
        var isSigned = values.Any(value => value.Value < 0);
        var isWide = size == 8 || values.Any(value => value.Value is < int.MinValue or > uint.MaxValue);
        var id = Begin(name, isWide ? BtfKind.Enum64 : BtfKind.Enum, values.Count, isSigned, size);
        foreach (var (constant, value) in values)
        {
            Word(Name(constant));
            Word((uint)value);
            if (isWide)
                Word((uint)(value >> 32));
        }

        return id;
    }

    /// <summary>A structure or union. Its members' bit offsets must be below 2^24 if one is a bit field.</summary>
    /// <exception cref="VmiFormatException">They are not.</exception>
    public int Structure(string name, bool isUnion, uint size, IReadOnlyList<BtfMember> members)
    {
        var hasBitFields = members.Any(member => member.BitCount != 0);
        var id = Begin(name, isUnion ? BtfKind.Union : BtfKind.Struct, members.Count, hasBitFields, size);
        foreach (var member in members)
        {
            if (member.BitOffset > (hasBitFields ? LargestBitFieldOffset : uint.MaxValue))
                throw new VmiFormatException($"The member {member.Name} of {name} lies at bit {member.BitOffset}.");
            Word(Name(member.Name));
            Word((uint)member.TypeId);
            Word((uint)member.BitOffset | (uint)member.BitCount << 24);
        }

        return id;
    }

    /// <summary>The blob of all that was written.</summary>
    public byte[] ToArray()
    {
        const int headerLength = BtfHeader.MinLength;
        var blob = new byte[headerLength + _types.Length + _strings.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, 0x0001eb9f); // Magic and version.
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), headerLength);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(12), (int)_types.Length);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(16), (int)_types.Length);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(20), (int)_strings.Length);
        _types.GetBuffer().AsSpan(0, (int)_types.Length).CopyTo(blob.AsSpan(headerLength));
        _strings.GetBuffer().AsSpan(0, (int)_strings.Length).CopyTo(blob.AsSpan(headerLength + (int)_types.Length));
        return blob;
    }

    private int Begin(string name, BtfKind kind, int elements, bool kindFlag, uint sizeOrType)
    {
        Word(Name(name));
        Word((uint)kind << 24 | (uint)elements | (kindFlag ? 1u << 31 : 0));
        Word(sizeOrType);
        return _count++;
    }

    private uint Name(string name)
    {
        if (!_names.TryGetValue(name, out var offset))
        {
            _names[name] = offset = (uint)_strings.Length;
            _strings.Write(Encoding.UTF8.GetBytes(name));
            _strings.WriteByte(0);
        }

        return offset;
    }

    private void Word(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _types.Write(bytes);
    }
}
