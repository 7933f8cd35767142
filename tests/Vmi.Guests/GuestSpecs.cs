namespace Vmi.Guests;

/// <summary>
/// The standard guests, and those of a purpose of their own. Those that the gate boots (<see cref="Gate"/>) have every pair of settings;
/// eng/matrix.sh boots all combinations.
/// </summary>
public static class GuestSpecs
{
    /// <summary>The plainest one: kernel 6.1, one CPU, nothing special.</summary>
    public static GuestSpec Small61 { get; } = new() { Name = "Small61", Kernel = "6.1" };

    /// <summary>Kernel 6.1 with page-table isolation, five-level paging, two CPUs and memory that can be mapped from outside.</summary>
    public static GuestSpec Isolated61 { get; } = new()
    {
        Name = "Isolated61",
        Kernel = "6.1",
        Machine = "q35",
        Vcpus = 2,
        PageTableIsolation = true,
        FiveLevel = true,
        Backing = GuestBacking.SharedMemfd,
    };

    /// <summary>Kernel 6.12 with five-level paging, four CPUs, and memory beyond 4 GiB.</summary>
    public static GuestSpec Large612 { get; } = new()
    {
        Name = "Large612",
        Kernel = "6.12",
        Machine = "q35",
        Vcpus = 4,
        MemoryMiB = 6144,
        FiveLevel = true,
    };

    /// <summary>Kernel 6.12 with page-table isolation, a forger, and VMCOREINFO in its ELF dumps.</summary>
    public static GuestSpec Forged612 { get; } = new()
    {
        Name = "Forged612",
        Kernel = "6.12",
        PageTableIsolation = true,
        Forge = GuestForge.Full,
        VmcoreInfo = true,
    };

    /// <summary>The settings of <see cref="Isolated61"/> with hooked returns and a busy kernel: for stack traces.</summary>
    public static GuestSpec Stacks61 { get; } = new()
    {
        Name = "Stacks61",
        Kernel = "6.1",
        Vcpus = 2,
        PageTableIsolation = true,
        FiveLevel = true,
        ReturnHooks = true,
        Busy = true,
    };

    /// <summary>The same with kernel 6.12, without isolation and with four-level paging.</summary>
    public static GuestSpec Stacks612 { get; } = new()
    {
        Name = "Stacks612",
        Kernel = "6.12",
        Vcpus = 2,
        ReturnHooks = true,
        Busy = true,
    };

    /// <summary>The four that most tests share.</summary>
    public static IReadOnlyList<GuestSpec> All { get; } = [Small61, Isolated61, Large612, Forged612];

    /// <summary>For traces: one CPU, kernel 6.1 with five-level paging, and memory above 4 GiB.</summary>
    public static GuestSpec Traced1 { get; } = new()
    {
        Name = "Traced1",
        Kernel = "6.1",
        Machine = "q35",
        MemoryMiB = 3072,
        FiveLevel = true,
    };

    /// <summary>For traces: two CPUs, kernel 6.12 with page-table isolation, and memory above 4 GiB.</summary>
    public static GuestSpec Traced2 { get; } = new()
    {
        Name = "Traced2",
        Kernel = "6.12",
        Machine = "q35",
        MemoryMiB = 3072,
        Spins = false,
        Vcpus = 2,
        PageTableIsolation = true,
    };

    /// <summary>For traces: four CPUs, kernel 6.1 with page-table isolation, and memory that can be mapped from outside.</summary>
    public static GuestSpec Traced4 { get; } = new()
    {
        Name = "Traced4",
        Kernel = "6.1",
        Machine = "q35",
        MemoryMiB = 256,
        Spins = false,
        Vcpus = 4,
        PageTableIsolation = true,
        Backing = GuestBacking.SharedMemfd,
    };

    /// <summary>Those whose programs are traced; they are none of <see cref="All"/>.</summary>
    public static IReadOnlyList<GuestSpec> Traced { get; } = [Traced1, Traced2, Traced4];

    /// <summary>Those that the gate boots.</summary>
    public static IReadOnlyList<GuestSpec> Gate { get; } = [.. All, .. Traced, Stacks61, Stacks612];

    /// <summary>For a look by hand and for bench/: the gate boots none of them; eng/matrix.sh boots the kernels.</summary>
    public static IReadOnlyList<GuestSpec> Others { get; } =
    [
        new() { Name = "Old510", Kernel = "5.10" },
        new() { Name = "Realtime612", Kernel = "6.12-rt", Vcpus = 2 },
        new() { Name = "New72", Kernel = "7.2" },
        new() { Name = "Noted61", Kernel = "6.1", VmcoreInfo = true },
    ];

    /// <summary>The guest of a name, whatever its case.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static GuestSpec Find(string name)
        => Gate.Concat(Others).FirstOrDefault(spec => spec.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"There is no guest named {name}; there are {string.Join(", ", Gate.Concat(Others).Select(spec => spec.Name))}.");
}
