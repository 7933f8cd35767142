using Vmi.Qemu;
using Vmi.Xen;

namespace Vmi.Targets;

/// <summary>How a target is opened.</summary>
public sealed record VmiTargetOptions
{
    /// <summary>What is used where none are given.</summary>
    public static VmiTargetOptions Default { get; } = new();

    /// <summary>Cache sizes and the bounds against a hostile guest or file.</summary>
    public VmiCoreOptions Core { get; init; } = new();

    /// <summary>Timeouts of a running QEMU's monitor.</summary>
    public QemuOptions Qemu { get; init; } = QemuOptions.Default;

    /// <summary>Is told how much of a memory file that must be read through first was read, from 0 to 1; null for nobody.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>How a Xen domain is opened.</summary>
    public XenOptions Xen { get; init; } = XenOptions.Default;
}
