namespace Vmi.Xen;

/// <summary>
/// Finds which frames exist, since Xen has no list of them: asks for each up to the first hole of 4 MiB, then looks at every 512th for
/// the next that is there. Ends when as many were found as the domain has pages. How far the guest can make it look is bounded.
/// </summary>
internal static class MemoryMapReader
{
    private const int Step = 512;
    private const int MostLooks = 2048;

    public static IReadOnlyList<PhysicalRange> Read(XenDomain domain)
    {
        var end = domain.MaxGfn() + 1;
        var wanted = domain.Information().Pages;
        var ranges = new List<PhysicalRange>();
        var types = new ulong[XenDomain.MaxTypes];
        var found = 0UL;
        var start = 0UL;
        for (var looks = 0; start < end && found < wanted && looks < MostLooks; looks++)
        {
            var count = (int)Math.Min(end - start, (ulong)types.Length);
            var here = Look(domain, types.AsSpan(0, count), start, 1);
            var some = 0;
            for (var i = 0; i < count; i++)
            {
                if (!XenDomain.IsFrame(here[i]))
                    continue;
                Add(ranges, start + (ulong)i);
                some++;
            }

            found += (ulong)some;
            start += (ulong)count;
            while (some == 0 && start < end && looks++ < MostLooks)
            {
                // In steps: the first that is there, else on.
                start = (start + Step - 1) / Step * Step;
                var ahead = Look(domain, types, start, Step);
                var next = 0;
                while (next < ahead.Length && start + (ulong)next * Step < end && !XenDomain.IsFrame(ahead[next]))
                    next++;
                start += (ulong)next * Step;
                if (next < ahead.Length)
                    break;
            }
        }

        return ranges;
    }

    private static ReadOnlySpan<ulong> Look(XenDomain domain, Span<ulong> types, ulong start, ulong step)
    {
        for (var i = 0; i < types.Length; i++)
            types[i] = start + (ulong)i * step;
        domain.FrameTypes(types);
        return types;
    }

    private static void Add(List<PhysicalRange> ranges, ulong gfn)
    {
        var address = new Gfn(gfn).Pa;
        if (ranges.Count > 0 && ranges[^1].End == address)
            ranges[^1] = ranges[^1] with { Length = ranges[^1].Length + Frame.Size };
        else
            ranges.Add(new PhysicalRange(address, Frame.Size));
    }
}
