namespace Vmi.Symbols;

/// <summary>
/// What is known of one kernel: its types, its symbols with their addresses in the running kernel, and which build it is. Any
/// number of threads may use one instance.
/// </summary>
/// <param name="types">The types.</param>
/// <param name="symbols">The symbols.</param>
/// <param name="kernel">Which build it is.</param>
public sealed class Profile(BtfTypes types, SymbolTable symbols, KernelIdentity kernel)
{
    /// <summary>The kernel's types.</summary>
    public BtfTypes Types { get; } = types ?? throw new ArgumentNullException(nameof(types));

    /// <summary>The kernel's symbols.</summary>
    public SymbolTable Symbols { get; } = symbols ?? throw new ArgumentNullException(nameof(symbols));

    /// <summary>Which build of a kernel this is.</summary>
    public KernelIdentity Kernel { get; } = kernel ?? throw new ArgumentNullException(nameof(kernel));

    /// <summary>The address of `_text` in the running kernel.</summary>
    public Va TextBase => Symbols.TextBase;

    /// <summary>Finds the profiles in a kernel's image: one in an honest kernel; none where BTF or kallsyms is not there.</summary>
    /// <param name="image">The image, from `_text` to `_end` or so much of it as holds the read-only data.</param>
    /// <param name="limits">The bounds of the tables.</param>
    public static IReadOnlyList<Profile> FindAll(KernelImage image, VmiLimits? limits = null)
    {
        var found = new List<Profile>();
        foreach (var symbols in KallsymsFinder.FindAll(image, limits))
            foreach (var types in BtfFinder.FindAll(image, symbols, limits))
                found.Add(new Profile(types, symbols, KernelIdentity.Read(image, symbols)));
        return found;
    }

    /// <summary>Reads a profile that <see cref="Save(Stream)"/> wrote.</summary>
    /// <param name="stream">Where to read; nothing may follow the profile.</param>
    /// <param name="limits">The bounds of the tables.</param>
    /// <exception cref="VmiFormatException">This is no profile, or it is damaged.</exception>
    public static Profile Load(Stream stream, VmiLimits? limits = null) => ProfileFile.Read(stream, limits ?? VmiLimits.Default);

    /// <summary>Reads a profile from a file.</summary>
    /// <exception cref="VmiFormatException">This is no profile, or it is damaged.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static Profile Load(string path, VmiLimits? limits = null)
    {
        using var stream = File.OpenRead(path);
        return Load(stream, limits);
    }

    /// <summary>Writes the profile.</summary>
    public void Save(Stream stream) => ProfileFile.Write(this, stream);

    /// <summary>Writes the profile to a file; a file that is there is replaced once the new one is whole.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void Save(string path)
    {
        var part = path + ".part";
        try
        {
            using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write))
            {
                Save(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    /// <summary>The same profile for another boot of the same kernel.</summary>
    /// <param name="textBase">Where `_text` lies there.</param>
    public Profile Rebase(Va textBase) => new(Types, Symbols.Rebase(textBase), Kernel);

    /// <summary>
    /// Whether the profile, at the addresses that it has now (see <see cref="Rebase"/>), is that of the kernel in an image: the banner
    /// and the build id must be the same, and at least one of them there.
    /// </summary>
    public bool Matches(KernelImage image) =>
        (Kernel.Banner.Length != 0 || Kernel.BuildId is not null) && KernelIdentity.Read(image, Symbols) == Kernel;

    /// <summary>Whether there is such a structure, union, typedef or enumeration.</summary>
    public bool HasType(string name) => Types.TryFind(name, out _);

    /// <summary>Whether a structure has a member.</summary>
    public bool HasField(string structName, string path) => Types.TryFindMember(structName, path, out _);

    /// <summary>The place of a member.</summary>
    /// <param name="structName">The structure, union or typedef.</param>
    /// <param name="path">The member: `tgid`, `mm_mt.ma_root`, `comm[0]`.</param>
    /// <exception cref="ProfileException">There is none, or it is a bit field.</exception>
    public Field Field(string structName, string path) => TryGetField(structName, path, out var field)
        ? field
        : throw Missing(structName, path, Types.TryFindMember(structName, path, out _) ? "is a bit field" : null);

    /// <summary>The place of a member; false if there is none, or it is a bit field. A flexible array has the size 0.</summary>
    public bool TryGetField(string structName, string path, out Field field)
    {
        field = default;
        if (!Types.TryFindMember(structName, path, out var member) || member.BitCount != 0 || member.BitOffset % 8 != 0
            || !Types.TryGetSize(member.TypeId, out var size))
            return false;
        field = new Field(member.BitOffset / 8, size);
        return true;
    }

    /// <summary>The place of a bit field, or of an integer of 1, 2, 4 or 8 bytes with all its bits.</summary>
    /// <exception cref="ProfileException">There is none.</exception>
    public BitField BitField(string structName, string path) => TryGetBitField(structName, path, out var field)
        ? field
        : throw Missing(structName, path, Types.TryFindMember(structName, path, out _) ? "is no integer" : null);

    /// <summary>The place of a bit field, or of an integer of 1, 2, 4 or 8 bytes with all its bits; false if there is none.</summary>
    public bool TryGetBitField(string structName, string path, out BitField field)
    {
        field = default;
        if (!Types.TryFind(structName, out var type) || !Types.TryFindMember(type, path, out var member)
            || !Types.TryGetSize(type.Id, out var structSize))
            return false;
        if (member.BitCount != 0)
            return BitFields.TryPlace(Types, member, structSize, out field);
        if (member.BitOffset % 8 != 0 || !Types.TryGetSize(member.TypeId, out var size) || size is not (1 or 2 or 4 or 8))
            return false;
        field = new BitField(member.BitOffset / 8, size, 0, (int)size * 8);
        return true;
    }

    /// <summary>The size of a structure, union, typedef or enumeration in bytes.</summary>
    /// <exception cref="ProfileException">There is no such type.</exception>
    public ulong SizeOf(string type) => TryGetSize(type, out var size)
        ? size
        : throw new ProfileException($"This kernel ({Who}) has no type {type}.");

    /// <summary>The size of a structure, union, typedef or enumeration in bytes; false if there is no such type.</summary>
    public bool TryGetSize(string type, out ulong size)
    {
        size = 0;
        return Types.TryFind(type, out var found) && Types.TryGetSize(found.Id, out size);
    }

    /// <summary>The value of an enumerator, in whichever enumeration.</summary>
    /// <exception cref="ProfileException">There is none of that name.</exception>
    public long EnumValue(string name) => TryGetEnumValue(name, out var value)
        ? value
        : throw new ProfileException($"This kernel ({Who}) has no enumerator {name}.");

    /// <summary>The value of an enumerator, in whichever enumeration; false if there is none of that name.</summary>
    public bool TryGetEnumValue(string name, out long value) => Types.TryFindEnumerator(name, out value);

    /// <summary>The address of a symbol; of a per-CPU variable its offset.</summary>
    /// <exception cref="ProfileException">There is none of that name.</exception>
    public Va Symbol(string name) => TryGetSymbol(name, out var address)
        ? address
        : throw new ProfileException($"This kernel ({Who}) has no symbol {name}.");

    /// <summary>The address of a symbol; of a per-CPU variable its offset; false if there is none of that name.</summary>
    public bool TryGetSymbol(string name, out Va address) => Symbols.TryGetAddress(name, out address);

    /// <summary>The symbol at or next below an address of the kernel's image; null for any other address.</summary>
    public SymbolLocation? Resolve(Va address) => Symbols.Resolve(address);

    private string Who => Kernel.Banner.Split(' ') is [_, _, var release, ..] ? release : "unknown build";

    private ProfileException Missing(string structName, string path, string? why) => new(
        !HasType(structName) ? $"This kernel ({Who}) has no type {structName}."
        : $"The field {structName}.{path} {why ?? "does not exist"} in this kernel ({Who}).");
}
