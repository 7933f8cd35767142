using Vmi.Amd64;
using Vmi.Cli.Conditions;
using Vmi.Linux;

namespace Vmi.Cli.Events;

/// <summary>What is known of a hit; who it was is looked up when first asked for.</summary>
internal sealed class BreakValues(VmiContext<LinuxOs> vmi) : IConditionValues
{
    private static readonly string[] SyscallFunctions = ["__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_"];

    private EventThread? _thread;

    /// <summary>Who.</summary>
    public EventThread Thread => _thread ??= EventThread.Of(vmi);

    public string? ThreadName => Thread.Name;

    /// <summary>An argument: of the function, by the psABI; at a system call's function, of the system call.</summary>
    /// <exception cref="TranslationFaultException">It is not in memory.</exception>
    public ulong Argument(int index) =>
        vmi.Os.Kernel.Profile.Resolve(vmi.Registers.InstructionPointer) is { } here
        && Array.Exists(SyscallFunctions, prefix => here.Name.StartsWith(prefix, StringComparison.Ordinal))
            ? vmi.Os.SyscallArgument(index)
            : vmi.Os.FunctionArgument(index);

    public ulong? Number(ConditionName name) => name switch
    {
        { Register: { } register } => ((Amd64Registers)vmi.Registers)[register],
        { Argument: { } argument } => Argument(argument),
        { Subject: ConditionSubject.Pid } => Thread.Pid,
        { Subject: ConditionSubject.Tid } => Thread.Tid,
        _ => vmi.Event.Vcpu.Value,
    };
}
