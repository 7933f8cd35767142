using System.Buffers.Binary;
using System.Text;

namespace Vmi.Symbols.Tests;

/// <summary>Writes BTF by hand as Documentation/bpf/btf.rst says. Ids count from 1 in the order of the calls.</summary>
internal sealed class BtfBuilder
{
    private readonly MemoryStream _types = new();
    private readonly List<byte> _text = [0];
    private int _count;

    public int Int(string name, uint size, uint bits = 0, uint bitOffset = 0, bool signed = false) =>
        Type(name, 1, 0, false, size, (signed ? 1u << 24 : 0) | bitOffset << 16 | (bits == 0 ? size * 8 : bits));

    public int Ptr(int target) => Type("", 2, 0, false, (uint)target);

    public int Array(int element, uint length, int index = 0) => Type("", 3, 0, false, 0, (uint)element, (uint)index, length);

    public int Struct(string name, uint size, params (string Name, int Type, uint Bits)[] members) =>
        Composite(name, 4, false, size, members);

    public int Union(string name, uint size, params (string Name, int Type, uint Bits)[] members) =>
        Composite(name, 5, false, size, members);

    /// <summary>With kind_flag: the width of a bit field is in the upper 8 bits.</summary>
    public int BitStruct(string name, uint size, params (string Name, int Type, uint Bits)[] members) =>
        Composite(name, 4, true, size, members);

    public static uint BitField(uint offset, uint width) => width << 24 | offset;

    public int Enum(string name, bool signed, params (string Name, uint Value)[] values) =>
        Type(name, 6, values.Length, signed, 4, [.. values.SelectMany(v => new[] { Text(v.Name), v.Value })]);

    public int Enum64(string name, bool signed, params (string Name, ulong Value)[] values) =>
        Type(name, 19, values.Length, signed, 8, [.. values.SelectMany(v => new[] { Text(v.Name), (uint)v.Value, (uint)(v.Value >> 32) })]);

    public int Simple(BtfKind kind, string name, int target, bool flag = false) => Type(name, (int)kind, 0, flag, (uint)target);

    public int FuncProto(int result, params (string Name, int Type)[] parameters) =>
        Type("", 13, parameters.Length, false, (uint)result, [.. parameters.SelectMany(p => new[] { Text(p.Name), (uint)p.Type })]);

    /// <summary>Any type from its raw parts.</summary>
    public int Type(string name, int kind, int count, bool flag, uint sizeOrType, params uint[] body)
    {
        Write(_types, Text(name), (flag ? 1u << 31 : 0) | (uint)kind << 24 | (uint)count, sizeOrType);
        Write(_types, body);
        return ++_count;
    }

    public uint Text(string text)
    {
        if (text.Length == 0)
            return 0;
        var at = (uint)_text.Count;
        _text.AddRange(Encoding.UTF8.GetBytes(text));
        _text.Add(0);
        return at;
    }

    /// <summary>The blob; with the header of 32 bytes if a layout section is given.</summary>
    public byte[] Build(byte[]? layout = null)
    {
        var types = _types.ToArray();
        var headerLength = layout is null ? 24u : 32u;
        var blob = new MemoryStream();
        blob.Write([0x9f, 0xeb, 1, 0]);
        // Types, then the layout (aligned to 4 bytes), then the strings.
        var layoutLength = (uint)(layout?.Length ?? 0);
        Write(blob, headerLength, 0, (uint)types.Length, (uint)types.Length + layoutLength, (uint)_text.Count);
        if (layout is not null)
            Write(blob, (uint)types.Length, layoutLength);
        blob.Write(types);
        blob.Write(layout ?? []);
        blob.Write([.. _text]);
        return blob.ToArray();
    }

    private int Composite(string name, int kind, bool flag, uint size, (string Name, int Type, uint Bits)[] members) =>
        Type(name, kind, members.Length, flag, size, [.. members.SelectMany(m => new[] { Text(m.Name), (uint)m.Type, m.Bits })]);

    private static void Write(Stream stream, params uint[] words)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var word in words)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
            stream.Write(bytes);
        }
    }
}
