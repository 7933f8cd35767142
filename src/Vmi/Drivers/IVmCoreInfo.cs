namespace Vmi;

/// <summary>The ability of a source to carry the Linux kernel's VMCOREINFO by itself, beside the guest's memory.</summary>
public interface IVmCoreInfo : IVmiDriver
{
    /// <summary>
    /// The text of the VMCOREINFO note: lines of `KEY=value`. Null if the source has none. It is the guest's own word: check it against
    /// the guest's memory before use.
    /// </summary>
    string? VmCoreInfo { get; }
}
