using System.CommandLine;
using System.CommandLine.Completions;
using Vmi.Targets;

namespace Vmi.Cli.Options;

/// <summary>What several commands take.</summary>
internal static class CommonOptions
{
    public static Argument<string> Target { get; } = new("TARGET")
    {
        Description = $"{char.ToUpperInvariant(VmiTarget.Forms[0])}{VmiTarget.Forms[1..]}. `vmi list` shows the running VMs.",
        // Else the help would show the running VMs in its place.
        HelpName = "TARGET",
        CompletionSources = { _ => RunningVms() },
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Give one JSON document, for programs (of events, one object a line); docs/commands.md describes it.",
    };

    public static Option<bool> Verbose { get; } = new("--verbose", "-v")
    {
        Description = "Say on the error output how the kernel was found, and how long the VM was paused.",
    };

    public static Option<bool> NoPause { get; } = new("--no-pause")
    {
        Description = "Read while the VM runs, without stopping it even for a moment: what is shown may change meanwhile.",
    };

    public static Option<TimeSpan?> TimeLimit { get; } = new("--time-limit")
    {
        Description = "Read no longer than this (500ms, 10s, 2m, 1h, none), and end with what there is until then. Without it, "
            + "5 minutes; none where all memory is passed over.",
        HelpName = "DURATION",
        CustomParser = Durations.ParseOrNone,
        CompletionSources = { Durations.None },
    };

    public static Option<string?> Profile { get; } = new("--profile")
    {
        Description = "Take the kernel's types and symbols from a file, what it lacks from the guest: a profile saved by "
            + "`vmi profile save`, ISF of Volatility 3, a System.map; the last two may be packed (gzip, xz).",
        HelpName = "FILE",
    };

    public static Option<AddressExpression?> Kernel { get; } = new("--kernel")
    {
        Description = "Of several kernels found, the one whose image begins at this virtual address.",
        HelpName = "ADDRESS",
        CustomParser = Literal,
    };

    public static Option<AddressExpression?> KernelRoot { get; } = new("--kernel-root")
    {
        Description = "Of several kernels found, the one whose own page tables begin at this physical address.",
        HelpName = "ADDRESS",
        CustomParser = Literal,
    };

    /// <summary>A new one each time: what it means depends on the command.</summary>
    public static Option<uint?> Pid(string description) => new("--pid")
    {
        Description = description,
        HelpName = "PID",
        CustomParser = Numbers.Id<uint>,
    };

    /// <summary>A new one each time: what it means depends on the command.</summary>
    public static Option<ushort?> Vcpu(string description) => new("--vcpu")
    {
        Description = description,
        HelpName = "N",
        CustomParser = Numbers.Id<ushort>,
    };

    /// <summary>A new one each time: an argument has one place.</summary>
    public static Argument<AddressExpression> Address(string name = "ADDRESS") => new(name)
    {
        Description = "0x and hexadecimal digits, or a kernel symbol; either with a distance: 0xffffffff81000000, init_task+0x10.",
        CustomParser = AddressExpression.Parse,
    };

    private static IEnumerable<CompletionItem> RunningVms() =>
        VmiTarget.List().Where(vm => vm.Target is not null).Select(vm => new CompletionItem(vm.Target!, detail: vm.Name));

    private static AddressExpression? Literal(System.CommandLine.Parsing.ArgumentResult result)
    {
        var expression = AddressExpression.Parse(result);
        if (expression.Symbol is not null)
            result.AddError($"'{expression.Text}' is no number: write 0x and hexadecimal digits.");
        return expression;
    }
}
