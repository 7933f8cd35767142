using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>
/// Where the kernel patches its own code: the tables in its file that name these places, at the addresses that it was linked to. Which of
/// them it has, differs between releases.
/// </summary>
internal sealed class PatchSites(LinuxKernel kernel, LinuxKernelFile file)
{
    private const int Call = 5, Endbr = 4, Immediate = sizeof(ulong), LockPrefix = 1;
    private const int JumpEntry = 16, StaticCallSite = 8, ParavirtSite = 16, ParavirtLength = 9;
    private const int HypercallPage = Frame.Size;

    // What ftrace patches besides the starts of functions.
    private static readonly string[] s_calls = ["ftrace_call", "ftrace_regs_call", "ftrace_graph_call"];

    private readonly ulong _distance = kernel.ImageBase.Value - file.Text.Address;

    /// <summary>The places, in no order; some twice.</summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks `struct alt_instr`.</exception>
    public IEnumerable<PatchSite> All()
    {
        var starts = FunctionStarts();
        // The call of the tracer is a call as any other in the tables of calls; what is known of it is more.
        var known = starts.Select(each => each.Address).ToHashSet();
        PatchSite[] calls =
            [.. Relative(".retpoline_sites", CallAt), .. Relative(".return_sites", CallAt), .. Relative(".call_sites", CallAt)];
        return
        [
            .. starts, .. calls.Where(each => !known.Contains(each.Address)), .. Alternatives(), .. Paravirt(), .. Jumps(),
            .. StaticCalls(),
            .. Relative(".ibt_endbr_seal", _ => Endbr), .. Relative(".smp_locks", _ => LockPrefix), .. Constants(), .. Named(),
        ];
    }

    /// <summary>`struct alt_instr`: code that is chosen by the features of the CPU.</summary>
    private List<PatchSite> Alternatives()
    {
        var size = (int)kernel.Profile.SizeOf("alt_instr");
        var (place, length) = (kernel.Profile.Field("alt_instr", "instr_offset"), kernel.Profile.Field("alt_instr", "instrlen"));
        var sites = new List<PatchSite>();
        if (file.Find(".altinstructions") is not { } section || size <= 0 || place.Offset + sizeof(int) > (ulong)size
            || length.Offset >= (ulong)size)
            return sites;
        var bytes = file.BytesOf(section);
        for (var at = 0; at + size <= bytes.Length; at += size)
        {
            var field = at + (int)place.Offset;
            sites.Add(new PatchSite(Target(section.Address + (ulong)field, bytes[field..]), bytes[at + (int)length.Offset]));
        }

        return sites;
    }

    /// <summary>`struct paravirt_patch_site`: calls of what a hypervisor may do otherwise (until 6.7).</summary>
    private List<PatchSite> Paravirt()
    {
        var sites = new List<PatchSite>();
        if (file.Find(".parainstructions") is not { } section)
            return sites;
        var bytes = file.BytesOf(section);
        // The last one is not padded.
        for (var at = 0; at + ParavirtLength < bytes.Length; at += ParavirtSite)
            sites.Add(new PatchSite(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]), bytes[at + ParavirtLength]));
        return sites;
    }

    /// <summary>A section of places, each as its distance from the number itself.</summary>
    private List<PatchSite> Relative(string name, Func<ulong, int> lengthAt) => file.Find(name) is { } section
        ? Relative(section.Address, file.BytesOf(section), sizeof(int), lengthAt) : [];

    /// <summary>Numbers in the code that are known after the boot only: a section for each, named after its kind.</summary>
    private List<PatchSite> Constants()
    {
        var sites = new List<PatchSite>();
        foreach (var section in file.Sections.Where(each => each.Name.StartsWith("runtime_", StringComparison.Ordinal)))
        {
            var length = section.Name.StartsWith("runtime_shift_", StringComparison.Ordinal) ? 1 : Immediate;
            sites.AddRange(Relative(section.Address, file.BytesOf(section), sizeof(int), _ => length));
        }

        return sites;
    }

    /// <summary>`struct jump_entry`: jumps that are there or not (jump labels).</summary>
    private List<PatchSite> Jumps()
    {
        var bytes = Between("__start___jump_table", "__stop___jump_table", out var address);
        var sites = new List<PatchSite>();
        for (var at = 0; at + JumpEntry <= bytes.Length; at += JumpEntry)
        {
            var entry = address + (ulong)at;
            var site = Target(entry, bytes[at..]);
            sites.Add(new PatchSite(site, JumpAt(site), PatchKind.Jump, Target(entry + sizeof(int), bytes[(at + sizeof(int))..])));
        }

        return sites;
    }

    /// <summary>`struct static_call_site`: calls whose target is exchanged.</summary>
    private List<PatchSite> StaticCalls()
    {
        var bytes = Between("__start_static_call_sites", "__stop_static_call_sites", out var address);
        return Relative(address, bytes, StaticCallSite, CallAt);
    }

    /// <summary>Calls of the function tracer, by address: at the start of nearly each function.</summary>
    private List<PatchSite> FunctionStarts()
    {
        var bytes = Between("__start_mcount_loc", "__stop_mcount_loc", out _);
        var sites = new List<PatchSite>();
        for (var at = 0; at + sizeof(ulong) <= bytes.Length; at += sizeof(ulong))
            sites.Add(new PatchSite(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]), Call, PatchKind.FunctionStart));
        return sites;
    }

    private List<PatchSite> Named()
    {
        var sites = new List<PatchSite>();
        foreach (var name in s_calls)
            if (kernel.Profile.TryGetSymbol(name, out var address))
                sites.Add(new PatchSite(address.Value - _distance, Call));
        if (kernel.Profile.TryGetSymbol("hypercall_page", out var page))
            sites.Add(new PatchSite(page.Value - _distance, HypercallPage));
        var symbols = kernel.Profile.Symbols;
        for (var i = 0; i < symbols.Count; i++)
            if (symbols[i] is var symbol && symbol.Name.StartsWith("__SCT__", StringComparison.Ordinal))
                sites.Add(new PatchSite(symbol.Address.Value - _distance, Call));
        return sites;
    }

    private static List<PatchSite> Relative(ulong address, ReadOnlySpan<byte> bytes, int entrySize, Func<ulong, int> lengthAt)
    {
        var sites = new List<PatchSite>();
        for (var at = 0; at + entrySize <= bytes.Length; at += entrySize)
        {
            var site = Target(address + (ulong)at, bytes[at..]);
            sites.Add(new PatchSite(site, lengthAt(site)));
        }

        return sites;
    }

    private ReadOnlySpan<byte> Between(string start, string stop, out ulong address)
    {
        address = 0;
        if (!kernel.Profile.TryGetSymbol(start, out var first) || !kernel.Profile.TryGetSymbol(stop, out var end) || end <= first)
            return default;
        address = first.Value - _distance;
        return file.BytesAt(address, (int)Math.Min(end - first, int.MaxValue));
    }

    private static ulong Target(ulong address, ReadOnlySpan<byte> distance) =>
        unchecked(address + (ulong)BinaryPrimitives.ReadInt32LittleEndian(distance));

    /// <summary>The length of a call or jump as it stands in the file.</summary>
    private int CallAt(ulong address) => file.BytesAt(address, 2) switch
    {
        [0x2e, _] => Call + 1, // CS, which does nothing
        [0x0f, _] => Call + 1, // a condition
        _ => Call,
    };

    /// <summary>A jump, or what stands for none, is short or long.</summary>
    private int JumpAt(ulong address) => file.BytesAt(address, 2) is [0xeb, _] or [0x66, 0x90] ? 2 : Call;
}
