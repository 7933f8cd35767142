namespace Vmi.Linux;

/// <summary>An entry of a table by which the kernel is entered, at the moment it was read.</summary>
public sealed class LinuxHandler
{
    /// <summary>The table.</summary>
    public required LinuxHandlerTable Table { get; init; }

    /// <summary>The number in it: of the system call, or the vector.</summary>
    public required int Number { get; init; }

    /// <summary>Where it leads to.</summary>
    public required Va Address { get; init; }

    /// <summary>The function there, with `+0x10` behind it inside of one; null where no symbol is near.</summary>
    public required string? Symbol { get; init; }

    /// <summary>The module whose code it is; null for the kernel's own, and for no module's.</summary>
    public required string? Module { get; init; }

    /// <summary>
    /// Whether it leads into the kernel's own code (`_stext` to `_etext`), as each entry of these tables does in a kernel that nobody
    /// changed; or, of a vector without a use, still to the boot's handlers (`early_idt_handler_array`).
    /// </summary>
    public required bool IsInKernelText { get; init; }
}
