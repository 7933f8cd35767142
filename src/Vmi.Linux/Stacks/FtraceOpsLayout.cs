using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct ftrace_ops`.</summary>
internal sealed class FtraceOpsLayout : StructLayout
{
    public FtraceOpsLayout(Profile profile)
        : base(profile, "ftrace_ops")
    {
        Next = Number("next");
        Flags = Number("flags");
        Trampoline = Number("trampoline");
        TrampolineSize = Number("trampoline_size");
    }

    public Field Next { get; }

    public Field Flags { get; }

    public Field Trampoline { get; }

    public Field TrampolineSize { get; }
}
