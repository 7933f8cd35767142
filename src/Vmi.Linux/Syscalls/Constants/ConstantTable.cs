using System.Diagnostics.CodeAnalysis;

namespace Vmi.Linux;

/// <summary>The names of values, as the kernel's headers for programs define them. Of two names of one value the first counts.</summary>
internal sealed class ConstantTable
{
    private readonly Dictionary<ulong, string> _names;

    public ConstantTable(params (ulong Value, string Name)[] entries)
    {
        Entries = entries;
        _names = new Dictionary<ulong, string>(entries.Length);
        foreach (var (value, name) in entries)
            _names.TryAdd(value, name);
    }

    public IReadOnlyList<(ulong Value, string Name)> Entries { get; }

    public bool TryGetName(ulong value, [NotNullWhen(true)] out string? name) => _names.TryGetValue(value, out name);
}
