namespace Vmi;

/// <summary>No operating system: for sessions that read memory and registers only. All it is asked is refused.</summary>
public sealed class NoOs() : VmiOs(null)
{
    /// <summary>The one object of it.</summary>
    public static NoOs Instance { get; } = new();

    /// <inheritdoc/>
    public override Va KernelImageBase => throw Refusal("the kernel's base");

    /// <inheritdoc/>
    public override string KernelInformationString => throw Refusal("the kernel's description");

    /// <inheritdoc/>
    public override bool KptiEnabled => throw Refusal("the state of page-table isolation");

    /// <inheritdoc/>
    public override IVmiList<VmiModule> Modules() => throw Refusal("modules");

    /// <inheritdoc/>
    public override IVmiList<VmiProcess> Processes() => throw Refusal("processes");

    /// <inheritdoc/>
    public override VmiProcess Process(ProcessObject process) => throw Refusal("processes");

    /// <inheritdoc/>
    public override VmiProcess CurrentProcess() => throw Refusal("processes");

    /// <inheritdoc/>
    public override VmiProcess SystemProcess() => throw Refusal("processes");

    /// <inheritdoc/>
    public override VmiThread Thread(ThreadObject thread) => throw Refusal("threads");

    /// <inheritdoc/>
    public override VmiThread CurrentThread() => throw Refusal("threads");

    /// <inheritdoc/>
    public override VmiImage Image(Va imageBase) => throw Refusal("images");

    /// <inheritdoc/>
    public override VmiModule Module(Va module) => throw Refusal("modules");

    /// <inheritdoc/>
    public override VmiUserModule UserModule(Va module, Pa root) => throw Refusal("user modules");

    /// <inheritdoc/>
    public override VmiRegion Region(Va region) => throw Refusal("regions");

    /// <inheritdoc/>
    public override ulong SyscallArgument(int index) => throw Refusal("system calls");

    /// <inheritdoc/>
    public override ulong FunctionArgument(int index) => throw Refusal("function arguments");

    /// <inheritdoc/>
    public override ulong FunctionReturnValue() => throw Refusal("function results");

    /// <inheritdoc/>
    public override uint? LastError() => throw Refusal("the last error");

    /// <inheritdoc/>
    protected internal override VmiOs BindTo(VmiMemory memory) => this;

    private static VmiNotSupportedException Refusal(string ability) => new(ability, "A session without an operating system");
}
