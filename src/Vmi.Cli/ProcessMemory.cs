using System.Globalization;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli;

/// <summary>What a process has in memory, for a pass over it.</summary>
internal sealed class ProcessMemory
{
    private readonly IVmiList<LinuxRegion> _regions;

    /// <summary>The memory of a process, to be read within one pause.</summary>
    /// <exception cref="VmiException">There is no such process, or it has no memory of its own.</exception>
    public ProcessMemory(CommandContext context, uint pid)
    {
        var process = context.Process(pid);
        if (!process.TryGetTranslationRoot(out var root) || process.IsKernelThread)
            throw new VmiException($"Process {process.Id} has no memory of its own.");
        Root = root;
        _regions = context.Complete(process.Regions());
    }

    /// <summary>Behind the lower half of every paging mode.</summary>
    public static Va End => new(1UL << 63);

    /// <summary>The root of its page tables.</summary>
    public Pa Root { get; }

    /// <summary>The region of an address as `maps` names it, or by its first address where it has no name; null outside of all.</summary>
    public string? RegionAt(Va address)
    {
        // The last that begins at the address or before it: the kernel's order is by address.
        var (low, high) = (0, _regions.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _regions[middle].Start <= address ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && _regions[low - 1] is var region && address < region.End
            ? region.Path ?? string.Create(CultureInfo.InvariantCulture, $"anonymous at {NumberText.Hex(region.Start)}")
            : null;
    }
}
