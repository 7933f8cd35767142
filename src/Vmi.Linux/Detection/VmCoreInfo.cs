using System.Globalization;

namespace Vmi.Linux;

/// <summary>
/// What the kernel says of itself for crash dumps (Documentation/admin-guide/kdump/vmcoreinfo.rst): lines of `KEY=value`. Its own word,
/// or that of whoever wrote it there.
/// </summary>
internal sealed class VmCoreInfo
{
    /// <summary>The text has one page in the kernel.</summary>
    public const int MaxLength = Frame.Size;

    private const int MaxReleaseLength = 65; // __NEW_UTS_LEN and its zero

    private readonly Dictionary<string, string> _values;

    private VmCoreInfo(Dictionary<string, string> values) => _values = values;

    /// <summary>`OSRELEASE`: what `uname -r` prints.</summary>
    public string Release => _values["OSRELEASE"];

    /// <summary>`NUMBER(phys_base)`, which counts from `__START_KERNEL_map`.</summary>
    public ulong? PhysicalOffset => TryGetNumber("phys_base", out var value) ? value : null;

    /// <summary>The physical address of the kernel's page tables; null if the text does not say it, or says what can't be.</summary>
    public Pa? Root
    {
        get
        {
            if (!TryGetSymbol("swapper_pg_dir", out var symbol) || PhysicalOffset is not { } offset)
                return null;
            var root = new Pa(unchecked(symbol.Value - LinuxKernel.KernelMap + offset));
            return symbol.Value >= LinuxKernel.KernelMap && root.FrameOffset == 0 && root.Value >> 52 == 0 ? root : null;
        }
    }

    /// <summary>`NUMBER(pgtable_l5_enabled)`.</summary>
    public PagingMode PagingMode =>
        TryGetNumber("pgtable_l5_enabled", out var five) && five != 0 ? PagingMode.FiveLevel : PagingMode.FourLevel;

    /// <summary>Takes the text apart; null if it has no release. What is behind <see cref="MaxLength"/> is not read.</summary>
    public static VmCoreInfo? TryParse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = text.AsSpan(0, Math.Min(text.Length, MaxLength));
        foreach (var range in rest.Split('\n'))
        {
            var line = rest[range];
            var equals = line.IndexOf('=');
            if (equals > 0)
                values.TryAdd(line[..equals].ToString(), line[(equals + 1)..].TrimEnd('\0').ToString());
        }

        return values.TryGetValue("OSRELEASE", out var release) && release.Length is > 0 and < MaxReleaseLength
            ? new VmCoreInfo(values)
            : null;
    }

    private bool TryGetSymbol(string name, out Va address)
    {
        var found = ulong.TryParse(
            _values.GetValueOrDefault($"SYMBOL({name})"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        address = new Va(value);
        return found;
    }

    /// <summary>A decimal number, with a sign where it is negative.</summary>
    private bool TryGetNumber(string name, out ulong value)
    {
        var text = _values.GetValueOrDefault($"NUMBER({name})");
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            return true;
        var found = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed);
        value = unchecked((ulong)signed);
        return found;
    }
}
