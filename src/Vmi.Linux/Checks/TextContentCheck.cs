using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>The kernel's code is that of its file, but for what the kernel itself patches.</summary>
internal sealed class TextContentCheck
{
    private const int MostFindings = 100;
    private const int MostShown = 16;
    private const int Near = 8; // Differences so near to each other are one.

    private readonly KernelReader _kernel;
    private readonly CheckResult _result = new();

    private TextContentCheck(KernelReader kernel) => _kernel = kernel;

    /// <param name="kernel">What reads.</param>
    /// <param name="given">The kernel's file; null if the one that the guest has in memory is to serve.</param>
    /// <param name="release">The kernel's release.</param>
    /// <exception cref="VmiException">The file that was given is another kernel's.</exception>
    public static LinuxCheck Run(KernelReader kernel, LinuxKernelFile? given, string? release)
    {
        var check = new TextContentCheck(kernel);
        if (given is not null)
        {
            if (check.WhyOther(given) is { } reason)
                throw new VmiException($"The kernel's file can't serve: {reason}.");
            check.Compare(given);
        }
        else if (CachedKernelFile.Find(kernel, release, out var why) is not { } cached)
        {
            check._result.NotRun($"the code, byte by byte: {why}");
        }
        else if (check.WhyOther(cached) is { } reason)
        {
            check._result.NotRun($"the code, byte by byte: the file in the guest's page cache can't serve: {reason}");
        }
        else
        {
            check.Compare(cached);
        }

        return check._result.ToCheck(LinuxCheckKind.TextContent);
    }

    private string? WhyOther(LinuxKernelFile file)
    {
        var wanted = _kernel.Kernel.Profile.Kernel.BuildId;
        return wanted is null ? "the running kernel has no build id by which to know its file"
            : file.BuildId != wanted ? $"its build id is {file.BuildId ?? "not there"}, that of the running kernel is {wanted}"
            : null;
    }

    private void Compare(LinuxKernelFile file)
    {
        var facts = _kernel.Kernel;
        var distance = facts.ImageBase.Value - file.Text.Address;
        var (start, end) = (_kernel.Symbol("_stext"), _kernel.Symbol("_etext"));
        var length = (int)Math.Min(end - start, (ulong)file.Text.Length);
        if (end <= start || file.BytesAt(start.Value - distance, length) is not { Length: > 0 } text)
        {
            _result.NotRun($"the code, byte by byte: {start} to {end} is not in the file's code");
            return;
        }

        var expected = text.ToArray();
        if (distance != 0 && !KernelRelocations.TryApply(file, start.Value - distance, expected, distance))
        {
            _result.NotRun("the code, byte by byte: the kernel was moved (KASLR), and its file has no relocations; a vmlinuz has them");
            return;
        }

        var found = Read(start, expected);
        var tracers = new TracerCode(_kernel);
        foreach (var site in new PatchSites(facts, file).All().Concat(Probes(distance)))
        {
            var offset = unchecked(site.Address + distance - start.Value);
            if (offset < (ulong)length && (ulong)site.Length <= (ulong)length - offset
                && IsAllowed(site, found.AsSpan((int)offset, site.Length), tracers, distance))
                found.AsSpan((int)offset, site.Length).CopyTo(expected.AsSpan((int)offset));
        }

        Report(start, found, expected);
    }

    /// <summary>The code in memory; what of it is not there is taken for what it should be, and said.</summary>
    private byte[] Read(Va start, byte[] expected)
    {
        var found = expected.ToArray();
        for (var at = 0; at < found.Length;)
        {
            var part = found.AsSpan(at, Math.Min(found.Length - at, Frame.Size - (int)((start.Value + (ulong)at) & (Frame.Size - 1))));
            if (!_kernel.TryRead(start + (ulong)at, part))
            {
                expected.AsSpan(at, part.Length).CopyTo(part);
                _result.Missing.Add($"the code at {start + (ulong)at} is not there");
            }

            at += part.Length;
        }

        return found;
    }

    /// <summary>Probes that somebody set by the kernel's own means (kprobes): each writes a breakpoint, or a jump, and is said.</summary>
    private List<PatchSite> Probes(ulong distance)
    {
        const int buckets = 64, longestJump = 5;
        var profile = _kernel.Kernel.Profile;
        var (probes, seen) = (new List<PatchSite>(), new HashSet<Va>());
        if (!profile.TryGetSymbol("kprobe_table", out var table) || !profile.TryGetField("kprobe", "hlist", out var link)
            || !profile.TryGetField("kprobe", "addr", out var place))
            return probes;
        for (ulong i = 0; i < buckets; i++)
        {
            var found = HashList.Walk(_kernel, table + i * sizeof(ulong), link.Offset, "kprobes", seen);
            _result.Missing.Add(found.Incomplete);
            foreach (var probe in found)
            {
                if (!_kernel.TryReadVa(probe + place.Offset, out var address))
                    continue;
                probes.Add(new PatchSite(address.Value - distance, longestJump));
                _result.NotChecked($"the code at {Name(address)}: a kprobe is set there");
            }
        }

        return probes;
    }

    /// <summary>Whether what stands where the kernel patches its code can be its own.</summary>
    private static bool IsAllowed(PatchSite site, ReadOnlySpan<byte> found, TracerCode tracers, ulong distance)
    {
        if (site.Kind == PatchKind.Any || IsNothing(found))
            return true;
        var next = unchecked(site.Address + (ulong)found.Length);
        return site.Kind switch
        {
            PatchKind.FunctionStart => found is [0xe8, .. { Length: sizeof(int) } way]
                && tracers.Contains(new Va(unchecked(next + distance + (ulong)BinaryPrimitives.ReadInt32LittleEndian(way)))),
            _ => found is [0xe9, .. { Length: sizeof(int) } far]
                && unchecked(next + (ulong)BinaryPrimitives.ReadInt32LittleEndian(far)) == site.Target
                || found is [0xeb, var near] && unchecked(next + (ulong)(sbyte)near) == site.Target,
        };
    }

    /// <summary>The instructions that do nothing which the kernel uses, by length and CPU.</summary>
    private static bool IsNothing(ReadOnlySpan<byte> code) => code is [0x66, 0x90] or [0x0f, 0x1f, 0x44, 0, 0]
        or [0x66, 0x66, 0x66, 0x66, 0x90] or [0x3e, 0x8d, 0x74, 0x26, 0];

    private void Report(Va start, ReadOnlySpan<byte> found, ReadOnlySpan<byte> expected)
    {
        var count = 0;
        for (var at = 0; at < found.Length;)
        {
            at += found[at..].CommonPrefixLength(expected[at..]);
            if (at == found.Length)
                return;
            var end = at + 1;
            for (var i = end; i < found.Length && i - end < Near; i++)
                if (found[i] != expected[i])
                    end = i + 1;
            if (++count > MostFindings)
            {
                _result.Missing.Add($"more than {MostFindings} differences were found");
                return;
            }

            var shown = at..Math.Min(end, at + MostShown);
            _result.Found(
                start + (ulong)at,
                $"the code at {Name(start + (ulong)at)} was changed: {Hex(found[shown])}, in the kernel's file {Hex(expected[shown])}"
                + (end - at > MostShown ? $" and so on, {end - at} bytes" : ""));
            at = end;
        }
    }

    private string Name(Va address) => _kernel.Kernel.Profile.Resolve(address)?.ToString() ?? address.ToString();

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
