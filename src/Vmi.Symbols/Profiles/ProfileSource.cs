using System.Text.Json;

namespace Vmi.Symbols;

/// <summary>
/// What a file tells of a kernel: a profile of ours tells all, an ISF file of Volatility 3 types and mostly symbols, a System.map symbols
/// only. What it lacks is found in the guest. Any number of threads may use one instance.
/// </summary>
public sealed class ProfileSource
{
    private const int LongestStart = 4096;

    private ProfileSource(string format, BtfTypes? types, SymbolTable? symbols, KernelIdentity kernel)
    {
        Format = format;
        Types = types;
        Symbols = symbols;
        Kernel = kernel;
    }

    /// <summary>The whole of a profile.</summary>
    public ProfileSource(Profile profile)
        : this("profile", (profile ?? throw new ArgumentNullException(nameof(profile))).Types, profile.Symbols, profile.Kernel)
    {
    }

    /// <summary>What it was read from: "profile", "ISF" or "System.map".</summary>
    public string Format { get; }

    /// <summary>The types; null if it has none.</summary>
    public BtfTypes? Types { get; }

    /// <summary>The symbols, at the addresses that the source has; null if it has none.</summary>
    public SymbolTable? Symbols { get; }

    /// <summary>Which build of a kernel it is of, so far as it says: an empty banner and no build id if it does not.</summary>
    public KernelIdentity Kernel { get; }

    /// <summary>A profile is a source that has all.</summary>
    public static implicit operator ProfileSource(Profile profile) => new(profile);

    /// <summary>Reads a source from a file.</summary>
    /// <exception cref="VmiFormatException">It is none that can be read, or it is damaged.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static ProfileSource Load(string path, VmiLimits? limits = null)
    {
        using var stream = File.OpenRead(path);
        return Load(stream, limits);
    }

    /// <summary>Reads a source, recognised by its content: a saved profile, ISF, or System.map; each may be packed (gzip, xz).</summary>
    /// <param name="stream">Where to read; nothing may follow.</param>
    /// <param name="limits">The bounds: <see cref="VmiLimits.TableBytes"/> of the content unpacked, ListEntries of its entries.</param>
    /// <exception cref="VmiFormatException">It is none that can be read, or it is damaged.</exception>
    public static ProfileSource Load(Stream stream, VmiLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= VmiLimits.Default;
        var bytes = PackedFile.ReadAll(stream, limits.TableBytes);
        var start = bytes.AsSpan(0, Math.Min(bytes.Length, LongestStart));
        if (ProfileFile.IsMatch(start))
            return Profile.Load(new MemoryStream(bytes), limits);
        if (start.TrimStart("\uFEFF \t\r\n"u8).StartsWith("{"u8))
            return ReadIsf(bytes, limits);
        if (SystemMap.IsMatch(start))
            return SystemMap.Read(bytes, limits.ListEntries) is { } symbols
                ? new ProfileSource("System.map", null, symbols, new KernelIdentity("", null))
                : throw new VmiFormatException("This System.map is damaged: a line is no symbol, or there is no _text.");
        throw new VmiFormatException("This is not a kernel profile: neither one of Vmi, nor ISF (Volatility 3), nor a System.map.");
    }

    /// <summary>
    /// Why this is not of the kernel in an image; null if it is. The banner and the build id are compared if the source has them; else
    /// `linux_banner` must be where the source says, and each global symbol of the kernel's own table that it has must be there too.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="symbols">The source's symbols, moved to where the kernel lies; the kernel's own if the source has none.</param>
    /// <param name="limits">The bounds of the kernel's own table.</param>
    public string? Mismatch(KernelImage image, SymbolTable symbols, VmiLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(symbols);
        var there = KernelIdentity.Read(image, symbols);
        if (Kernel.Banner.Length != 0 && there.Banner != Kernel.Banner)
            return $"its banner is \"{Kernel.Banner}\", the kernel's is \"{Own(image, limits)?.Kernel.Banner ?? "unknown"}\"";
        if (Kernel.BuildId is { } id && there.BuildId != id)
            return $"its build id is {id}, the kernel's is {there.BuildId ?? "unknown"}";
        if (Kernel.Banner.Length != 0 || Kernel.BuildId is not null)
            return null;
        if (Symbols is null)
            return "it does not say of which kernel it is: it has neither linux_banner nor other symbols";
        if (there.Banner.Length == 0)
            return $"linux_banner is not where it says (the kernel's is \"{Own(image, limits)?.Kernel.Banner ?? "unknown"}\")";
        if (Own(image, limits) is not var (own, _))
            return null;
        foreach (var symbol in own.All())
        {
            // Of several with one name a source may have any.
            if (char.IsAsciiLetterUpper(symbol.Type) && symbols.TryGetAddress(symbol.Name, out var address) && address != symbol.Address
                && !own.Find(symbol.Name).Any(each => each.Address == address))
                return $"{symbol.Name} is not where it says, at {address}, but at {symbol.Address}";
        }

        return null;
    }

    private static ProfileSource ReadIsf(byte[] bytes, VmiLimits limits)
    {
        try
        {
            var document = IsfReader.Read(bytes.AsSpan().TrimStart("\uFEFF"u8));
            if (document.Systems.Find(system => system != "linux") is { } other)
                throw new VmiFormatException($"This ISF file is of {other}, not of Linux.");
            var builder = new SymbolTableBuilder();
            foreach (var (name, address) in document.Symbols)
                builder.Add(address, SymbolTable.UnknownType, name);
            var types = document.UserTypes.Count == 0 ? null : BtfTypes.Parse(IsfTypes.ToBtf(document), limits);
            var symbols = builder.Build(limits.ListEntries);
            return types is null && symbols is null
                ? throw new VmiFormatException("This ISF file has neither types nor symbols (with _text) of a kernel.")
                : new ProfileSource("ISF", types, symbols, new KernelIdentity(document.Banner, null));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new VmiFormatException($"This ISF file is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>What the kernel itself says, where it can be found.</summary>
    private static (SymbolTable Symbols, KernelIdentity Kernel)? Own(KernelImage image, VmiLimits? limits) =>
        KallsymsFinder.FindAll(image, limits) is [var symbols, ..] ? (symbols, KernelIdentity.Read(image, symbols)) : null;
}
