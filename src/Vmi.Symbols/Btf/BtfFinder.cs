namespace Vmi.Symbols;

/// <summary>Finds the BTF of a kernel in its image.</summary>
public static class BtfFinder
{
    private const int MaxCandidates = 16;

    /// <summary>The linker may align what follows the section.</summary>
    private const ulong MaxPadding = 16;

    private static ReadOnlySpan<byte> Signature => [0x9f, 0xeb, 0x01, 0x00];

    /// <summary>
    /// Finds the BTF between the symbols `__start_BTF` and `__stop_BTF`; where the symbols have them not, every sound BTF blob in the
    /// image: one in an honest kernel.
    /// </summary>
    /// <param name="image">The kernel's image, or its read-only data.</param>
    /// <param name="symbols">That kernel's symbols, if known.</param>
    /// <param name="limits">The bounds.</param>
    public static IReadOnlyList<BtfTypes> FindAll(KernelImage image, SymbolTable? symbols, VmiLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        limits ??= VmiLimits.Default;
        if (symbols is null || !symbols.TryGetAddress("__start_BTF", out var start) || !symbols.TryGetAddress("__stop_BTF", out var stop))
            return Search(image, limits);
        return stop > start && image.TryRead(start, stop - start, limits.TableBytes) is { } bytes
            && BtfTypes.TryParse(bytes, limits, out _) is { } types && (ulong)(bytes.Length - types.Blob.Length) < MaxPadding
            ? [types]
            : [];
    }

    private static List<BtfTypes> Search(KernelImage image, VmiLimits limits)
    {
        var found = new List<BtfTypes>();
        var candidates = 0;
        foreach (var (address, block) in image.Blocks(Signature.Length - 1))
        {
            for (int at = 0, next; (next = block.Span[at..].IndexOf(Signature)) >= 0; at += next + 1)
            {
                if (TryReadAt(image, address + (ulong)(at + next), limits, ref candidates) is { } types)
                    found.Add(types);
                if (candidates >= MaxCandidates)
                    return found;
            }
        }

        return found;
    }

    private static BtfTypes? TryReadAt(KernelImage image, Va address, VmiLimits limits, ref int candidates)
    {
        Span<byte> start = stackalloc byte[32];
        if (!image.TryRead(address, start) || BtfHeader.TryRead(start, (long)(image.End - address), out var header) is not null)
            return null;
        candidates++;
        return image.TryRead(address, (ulong)header.TotalLength, limits.TableBytes) is { } bytes
            ? BtfTypes.TryParse(bytes, limits, out _)
            : null;
    }
}
