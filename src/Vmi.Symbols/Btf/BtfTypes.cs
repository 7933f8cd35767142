using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Vmi.Symbols;

/// <summary>
/// The types of a kernel from its BTF blob (Documentation/bpf/btf.rst). The blob is checked once and kept; types are decoded when
/// they are asked for. Any number of threads may use one instance.
/// </summary>
public sealed class BtfTypes
{
    private readonly ReadOnlyMemory<byte> _blob;
    private readonly BtfHeader _header;
    private readonly int[] _offsets;
    private readonly Lazy<BtfNames> _names;
    private readonly int _firstString;

    private BtfTypes(ReadOnlyMemory<byte> blob, BtfHeader header, int[] offsets, BtfTypes? baseTypes)
    {
        Base = baseTypes;
        FirstId = baseTypes?.Count ?? 0;
        _firstString = baseTypes?.StringsEnd ?? 0;
        _blob = blob;
        _header = header;
        _offsets = offsets;
        _names = new Lazy<BtfNames>(() => new BtfNames(this));
    }

    /// <summary>The blob, without what may have followed it.</summary>
    public ReadOnlyMemory<byte> Blob => _blob;

    /// <summary>The types that these add to, where the blob is split BTF, a module's; null for a kernel's.</summary>
    public BtfTypes? Base { get; }

    /// <summary>How many types there are, `void` and those of <see cref="Base"/> included: ids are 0 to this minus 1.</summary>
    public int Count => FirstId + _offsets.Length;

    /// <summary>Bytes of a pointer.</summary>
    public int PointerSize => 8;

    /// <summary>The first id of the blob's own types; 0, `void`, for a kernel's.</summary>
    internal int FirstId { get; }

    /// <summary>The first offset beyond the strings; those of a split blob follow on those of its base.</summary>
    internal int StringsEnd => _firstString + _header.StringsLength;

    internal ReadOnlySpan<byte> Span => _blob.Span;

    internal BtfNames Names => _names.Value;

    /// <summary>The type with a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public BtfType this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, Count);
            return id < FirstId ? Base![id] : new BtfType(this, id, _offsets[id - FirstId]);
        }
    }

    /// <summary>Checks a blob and indexes it. It is kept, not copied, and must not change afterwards.</summary>
    /// <param name="blob">The bytes, from the header on; what follows the last section is ignored.</param>
    /// <param name="limits">The bounds: <see cref="VmiLimits.TableBytes"/> and, for the number of types, ListEntries.</param>
    /// <exception cref="VmiFormatException">The bytes are not sound BTF.</exception>
    public static BtfTypes Parse(ReadOnlyMemory<byte> blob, VmiLimits? limits = null) =>
        TryParse(blob, limits, out var error) ?? throw new VmiFormatException($"This is not sound BTF: {error}.");

    /// <summary>Checks a module's blob (split BTF), whose types and names follow on those of the kernel.</summary>
    /// <param name="blob">The bytes, from the header on.</param>
    /// <param name="baseTypes">The kernel's own types.</param>
    /// <param name="limits">The bounds.</param>
    /// <exception cref="VmiFormatException">The bytes are not sound BTF upon that base.</exception>
    public static BtfTypes ParseSplit(ReadOnlyMemory<byte> blob, BtfTypes baseTypes, VmiLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(baseTypes);
        return TryParse(blob, limits, out var error, baseTypes)
            ?? throw new VmiFormatException($"This is not sound BTF of a module: {error}.");
    }

    /// <summary>Checks a blob and indexes it; null and the reason if it is not sound.</summary>
    internal static BtfTypes? TryParse(ReadOnlyMemory<byte> blob, VmiLimits? limits, out string? error, BtfTypes? baseTypes = null)
    {
        limits ??= VmiLimits.Default;
        error = BtfHeader.TryRead(blob.Span, blob.Length, out var header);
        if (error is null && header.TotalLength > limits.TableBytes)
            error = $"it has {header.TotalLength} bytes, allowed are {limits.TableBytes}";
        if (error is not null)
            return null;

        blob = blob[..header.TotalLength];
        error = BtfChecker.Check(blob.Span, header, limits.ListEntries, baseTypes, out var offsets);
        return error is null ? new BtfTypes(blob, header, offsets, baseTypes) : null;
    }

    /// <summary>
    /// Finds a type by name. The name may say which kind is meant: `struct task_struct`, `union`, `enum`. A bare name is a structure
    /// or union, else a typedef, else an enumeration. Of several the first wins, those with members before those without; a module's own
    /// before the kernel's.
    /// </summary>
    public bool TryFind(string name, out BtfType type)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = name.Split(' ', 2) switch
        {
            ["struct", var tag] => Names.Find(tag, static kind => kind == BtfKind.Struct),
            ["union", var tag] => Names.Find(tag, static kind => kind == BtfKind.Union),
            ["enum", var tag] => Names.Find(tag, static kind => kind is BtfKind.Enum or BtfKind.Enum64),
            _ => Names.Find(name, static kind => kind is BtfKind.Struct or BtfKind.Union)
                ?? Names.Find(name, static kind => kind == BtfKind.Typedef)
                ?? Names.Find(name, static kind => kind is BtfKind.Enum or BtfKind.Enum64),
        };
        type = found ?? default;
        return found is not null || (Base is not null && Base.TryFind(name, out type));
    }

    /// <summary>Finds an enumerator by name, in whichever enumeration; the first wins.</summary>
    public bool TryFindEnumerator(string name, out long value)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Names.TryFindEnumerator(name, out value) || (Base is not null && Base.TryFindEnumerator(name, out value));
    }

    /// <summary>The type behind typedefs, `const`, `volatile`, `restrict` and tags.</summary>
    /// <param name="id">The id to start from.</param>
    /// <param name="type">The result; `void` at the end of a cycle.</param>
    /// <returns>False if the chain never ends: no compiler writes such a blob.</returns>
    public bool TrySkipModifiers(int id, out BtfType type)
    {
        type = this[id];
        for (var depth = 0; depth < BtfSizes.MaxDepth; depth++)
        {
            if (type.Kind is not (BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag
                or BtfKind.Var or BtfKind.DeclTag))
                return true;
            type = this[type.TargetId];
        }

        type = this[0];
        return false;
    }

    /// <summary>The size of a type in bytes.</summary>
    /// <returns>False for what has none (`void`, functions, types only declared) and for sizes that no memory holds.</returns>
    public bool TryGetSize(int id, out ulong size) => BtfSizes.TryGet(this, id, out size);

    /// <summary>
    /// Finds a member of a structure or union by its path: `mm_mt.ma_root`, `comm[3]`. Members of anonymous structures and unions
    /// are found as in C.
    /// </summary>
    /// <param name="structName">The structure, union or typedef, as <see cref="TryFind"/> takes it.</param>
    /// <param name="path">Names separated by dots, each with array indexes.</param>
    /// <param name="member">The member, its place counted from the start of the structure.</param>
    public bool TryFindMember(string structName, string path, out BtfMember member)
    {
        member = default;
        return TryFind(structName, out var type) && TryFindMember(type, path, out member);
    }

    /// <summary>Finds a member of a given structure, union or typedef by its path.</summary>
    public bool TryFindMember(BtfType type, string path, out BtfMember member)
    {
        ArgumentNullException.ThrowIfNull(path);
        return BtfPath.TryFind(this, type.Id, path, out member);
    }

    /// <summary>How a type is laid out, for people and programs to read.</summary>
    /// <param name="name">A name, as <see cref="TryFind"/> takes it.</param>
    /// <param name="layout">The layout.</param>
    /// <returns>False if there is no such type.</returns>
    /// <exception cref="VmiFormatException">The type is nested without end.</exception>
    public bool TryGetLayout(string name, [NotNullWhen(true)] out TypeLayout? layout)
    {
        layout = TryFind(name, out var type) ? new LayoutBuilder(this).Build(type) : null;
        return layout is not null;
    }

    /// <summary>The type's name as C writes it: `struct list_head *`, `int (*)(void *)`.</summary>
    public string TypeName(int id) => new CDeclarations(this).Declare(id, "");

    /// <summary>The text at an offset of the string section; offsets were checked when the blob was.</summary>
    internal string StringAt(int offset) => offset == 0 ? "" : Encoding.UTF8.GetString(StringBytesAt(offset));

    internal ReadOnlySpan<byte> StringBytesAt(int offset)
    {
        if (offset < _firstString)
            return Base!.StringBytesAt(offset);
        offset -= _firstString;
        var text = Span.Slice(_header.Strings + offset, _header.StringsLength - offset);
        return text[..text.IndexOf((byte)0)];
    }
}
