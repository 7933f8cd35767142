namespace Vmi.Linux;

/// <content>How the kernel is entered.</content>
public sealed partial class LinuxOs
{
    /// <summary>
    /// Where system calls, exceptions and interrupts lead to: each entry of `sys_call_table`, `ia32_sys_call_table` (where the kernel has
    /// it) and `idt_table`, in this order, by number. Vectors without a handler are left out.
    /// </summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxHandler> Handlers()
    {
        using var operation = Memory.BeginOperation();
        return new HandlerReader(_reader).Read();
    }
}
