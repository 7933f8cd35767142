namespace Vmi;

/// <summary>
/// The registers of one vCPU at one moment. In an event they are the driver's own buffer, valid until the handler returns;
/// <see cref="Clone"/> keeps them.
/// </summary>
public abstract class Registers
{
    private protected Registers()
    {
    }

    /// <summary>The address of the next instruction.</summary>
    public abstract Va InstructionPointer { get; set; }

    /// <summary>The top of the stack.</summary>
    public abstract Va StackPointer { get; set; }

    /// <summary>The register in which a function returns its value.</summary>
    public abstract ulong Result { get; set; }

    /// <summary>Bytes in a pointer of the mode the CPU's paging is in: 8 in long mode, else 4.</summary>
    public abstract int AddressWidth { get; }

    /// <summary>Bytes in a pointer of the code that runs: 4 also for 32-bit code in long mode.</summary>
    public abstract int EffectiveAddressWidth { get; }

    /// <summary>How the page tables are to be read.</summary>
    public abstract PagingMode PagingMode { get; }

    /// <summary>The root of the page tables in use: the address bits of CR3.</summary>
    public abstract Pa TranslationRoot { get; set; }

    /// <summary>The address that the current function returns to, if its first instruction has not run yet: the top of the stack.</summary>
    /// <exception cref="TranslationFaultException">The stack is not there.</exception>
    public abstract Va ReturnAddress(VmiMemory memory);

    /// <summary>
    /// The registers after the current function returned <paramref name="value"/>, if its first instruction has not run yet.
    /// Nothing is changed in the guest.
    /// </summary>
    /// <exception cref="TranslationFaultException">The stack is not there.</exception>
    public abstract Registers ReturnFromFunction(VmiMemory memory, ulong value);

    /// <summary>A copy that stays valid.</summary>
    public abstract Registers Clone();
}
