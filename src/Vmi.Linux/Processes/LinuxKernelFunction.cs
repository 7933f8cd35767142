namespace Vmi.Linux;

/// <summary>A function that the kernel was told to call.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Symbol">Its name, with `+0x10` behind it inside of one; null where no symbol is near.</param>
/// <param name="Module">The module whose code it is; null for the kernel's own, and for no module's.</param>
/// <param name="IsInKernelText">Whether it is the kernel's own code (`_stext` to `_etext`).</param>
public sealed record LinuxKernelFunction(Va Address, string? Symbol, string? Module, bool IsInKernelText)
{
    /// <summary>Symbol and module, or the address.</summary>
    public override string ToString() => $"{Symbol ?? Address.ToString()}{(Module is null ? "" : $" [{Module}]")}";
}
