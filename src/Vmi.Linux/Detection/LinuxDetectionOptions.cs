using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>What <see cref="LinuxDetector"/> is told beforehand. Nothing needs to be.</summary>
public sealed record LinuxDetectionOptions
{
    /// <summary>
    /// What is known of the kernel: a profile, or its types (ISF) or symbols (ISF, System.map) alone. BTF and kallsyms are looked for in
    /// the guest only where it lacks them. It must be of the kernel found (<see cref="ProfileSource.Mismatch"/>, and `init_task` is
    /// compared); it is moved to where that kernel lies.
    /// </summary>
    public ProfileSource? Profile { get; init; }

    /// <summary>
    /// The physical address of the page tables to go by (`init_top_pgt`, or those of any process): the choice between several kernels.
    /// Registers and notes are not looked at then.
    /// </summary>
    public Pa? KernelRoot { get; init; }

    /// <summary>
    /// How long images may be searched for a kernel's tables, which a hostile guest can make long: those that registers or a note lead
    /// to, and once more those that the pass over memory finds. Then there is an error, with the kernels found until then. The pass
    /// itself takes as long as the memory is large, and is not counted in.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The address of `_text`: only a kernel whose image begins there counts.</summary>
    public Va? KernelBase { get; init; }
}
