namespace Vmi.Symbols;

/// <summary>Writes the types of an ISF document as BTF, so that all that reads types has one form of them to know.</summary>
internal sealed class IsfTypes
{
    /// <summary>What dwarf2json calls a structure that has no name.</summary>
    private const string Unnamed = "unnamed_";

    private const uint LargestCount = (1 << 24) - 1;

    private readonly IsfDocument _document;
    private readonly BtfWriter _writer = new();
    private readonly Dictionary<string, int> _base = [];
    private readonly Dictionary<string, int> _user = [];
    private readonly Dictionary<string, int> _enums = [];
    private readonly Dictionary<(bool IsUnion, string Name), int> _forwards = [];
    private readonly Dictionary<int, int> _pointers = [];
    private readonly Dictionary<(int Element, uint Count), int> _arrays = [];
    private int _function;

    private IsfTypes(IsfDocument document) => _document = document;

    /// <summary>The BTF blob of all types of the document.</summary>
    /// <exception cref="VmiFormatException">A type can't be.</exception>
    public static byte[] ToBtf(IsfDocument document) => new IsfTypes(document).Write();

    private byte[] Write()
    {
        foreach (var (name, type) in _document.BaseTypes)
            if (Base(name, type) is var id and not 0)
                _base[name] = id;
        foreach (var (name, type) in _document.Enums)
            if (type.Constants.Count <= LargestCount && type.Size <= 8)
                _enums[name] = _writer.Enumeration(NameOf(name), type.Size, type.Constants);

        // Structures refer to each other in circles: all have their numbers before the first is written, and what they hold comes after.
        var next = _writer.NextId;
        foreach (var name in _document.UserTypes.Keys)
            _user[name] = next++;
        var derived = new Derived(next);
        foreach (var (name, type) in _document.UserTypes)
        {
            if (type.Fields.Count > LargestCount)
                throw new VmiFormatException($"The structure {name} has {type.Fields.Count} fields.");
            var members = type.Fields.ConvertAll(field => Member(field, derived));
            _writer.Structure(NameOf(name), type.IsUnion, type.Size, members);
        }

        foreach (var write in derived.Writers)
            write(_writer);
        return _writer.ToArray();
    }

    private int Base(string name, (uint Size, bool IsSigned, string Kind) type) => type switch
    {
        { Kind: "float", Size: 2 or 4 or 8 or 12 or 16 } => _writer.Float(name, type.Size),
        { Kind: "void" } or { Size: 0 or > 16 } => 0,
        _ => _writer.Int(name, type.Size, (type.IsSigned ? 1u : 0) | type.Kind switch { "char" => 2u, "bool" => 4u, _ => 0 }),
    };

    private BtfMember Member(IsfField field, Derived derived)
    {
        var offset = field.Offset * 8UL;
        if (field.Type is not { Kind: "bitfield", Target: { } target })
            return new BtfMember(field.Name, Number(field.Type, derived), offset, 0);
        if (field.Type.BitLength is 0 or > 64 || field.Type.BitPosition > 64)
            throw new VmiFormatException($"The bit field {field.Name} has {field.Type.BitLength} bits at {field.Type.BitPosition}.");
        return new BtfMember(field.Name, Number(target, derived), offset + field.Type.BitPosition, (int)field.Type.BitLength);
    }

    private int Number(IsfType type, Derived derived) => type.Kind switch
    {
        "base" => _base.GetValueOrDefault(type.Name),
        "struct" or "union" or "class" => _user.TryGetValue(type.Name, out var id)
            ? id
            : Once(_forwards, (IsUnion: type.Kind == "union", type.Name), derived,
                (writer, forward) => writer.Forward(forward.Name, forward.IsUnion)),
        "enum" => _enums.GetValueOrDefault(type.Name),
        "function" => _function != 0 ? _function : _function = derived.Add(static writer => writer.Function()),
        "pointer" => Once(_pointers, type.Target is { } target ? Number(target, derived) : 0, derived,
            (writer, target) => writer.Pointer(target)),
        "array" => Once(_arrays, (Element: type.Target is { } element ? Number(element, derived) : 0, type.Count), derived,
            (writer, array) => writer.Array(array.Element, array.Count)),
        _ => throw new VmiFormatException($"There is a type of the unknown kind \"{type.Kind}\"."),
    };

    private static int Once<TKey>(Dictionary<TKey, int> known, TKey key, Derived derived, Action<BtfWriter, TKey> write)
        where TKey : notnull
    {
        if (!known.TryGetValue(key, out var id))
            known[key] = id = derived.Add(writer => write(writer, key));
        return id;
    }

    private static string NameOf(string name) => name.StartsWith(Unnamed, StringComparison.Ordinal) ? "" : name;

    /// <summary>Types that are written behind the structures, whose numbers are given before.</summary>
    private sealed class Derived(int firstId)
    {
        public List<Action<BtfWriter>> Writers { get; } = [];

        public int Add(Action<BtfWriter> write)
        {
            Writers.Add(write);
            return firstId + Writers.Count - 1;
        }
    }
}
