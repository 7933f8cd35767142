using System.Globalization;

namespace Vmi.Amd64;

/// <summary>The control register CR4 (Intel SDM volume 3, 2.5).</summary>
/// <param name="Value">The register as a number.</param>
public readonly record struct Cr4(ulong Value)
{
    /// <summary>VME.</summary>
    public bool VirtualMode8086Extensions
    {
        get => Bits.Get(Value, 0);
        init => Value = Bits.With(Value, 0, value);
    }

    /// <summary>PVI.</summary>
    public bool ProtectedModeVirtualInterrupts
    {
        get => Bits.Get(Value, 1);
        init => Value = Bits.With(Value, 1, value);
    }

    /// <summary>TSD: RDTSC at privilege level 0 only.</summary>
    public bool TimeStampDisable
    {
        get => Bits.Get(Value, 2);
        init => Value = Bits.With(Value, 2, value);
    }

    /// <summary>DE: DR4 and DR5 are undefined, I/O breakpoints exist.</summary>
    public bool DebuggingExtensions
    {
        get => Bits.Get(Value, 3);
        init => Value = Bits.With(Value, 3, value);
    }

    /// <summary>PSE: 32-bit paging has 4 MiB pages.</summary>
    public bool PageSizeExtensions
    {
        get => Bits.Get(Value, 4);
        init => Value = Bits.With(Value, 4, value);
    }

    /// <summary>PAE: page-table entries of 8 bytes.</summary>
    public bool PhysicalAddressExtension
    {
        get => Bits.Get(Value, 5);
        init => Value = Bits.With(Value, 5, value);
    }

    /// <summary>MCE.</summary>
    public bool MachineCheckEnable
    {
        get => Bits.Get(Value, 6);
        init => Value = Bits.With(Value, 6, value);
    }

    /// <summary>PGE: global pages.</summary>
    public bool PageGlobalEnable
    {
        get => Bits.Get(Value, 7);
        init => Value = Bits.With(Value, 7, value);
    }

    /// <summary>PCE: RDPMC at every privilege level.</summary>
    public bool PerformanceCounterEnable
    {
        get => Bits.Get(Value, 8);
        init => Value = Bits.With(Value, 8, value);
    }

    /// <summary>OSFXSR: FXSAVE and SSE.</summary>
    public bool OsFxsr
    {
        get => Bits.Get(Value, 9);
        init => Value = Bits.With(Value, 9, value);
    }

    /// <summary>OSXMMEXCPT: SSE errors raise #XM.</summary>
    public bool OsXmmExceptions
    {
        get => Bits.Get(Value, 10);
        init => Value = Bits.With(Value, 10, value);
    }

    /// <summary>UMIP.</summary>
    public bool UserModeInstructionPrevention
    {
        get => Bits.Get(Value, 11);
        init => Value = Bits.With(Value, 11, value);
    }

    /// <summary>LA57: 5-level paging.</summary>
    public bool LinearAddresses57
    {
        get => Bits.Get(Value, 12);
        init => Value = Bits.With(Value, 12, value);
    }

    /// <summary>VMXE.</summary>
    public bool VirtualMachineExtensions
    {
        get => Bits.Get(Value, 13);
        init => Value = Bits.With(Value, 13, value);
    }

    /// <summary>SMXE.</summary>
    public bool SaferModeExtensions
    {
        get => Bits.Get(Value, 14);
        init => Value = Bits.With(Value, 14, value);
    }

    /// <summary>FSGSBASE: RDFSBASE and its kin.</summary>
    public bool FsGsBase
    {
        get => Bits.Get(Value, 16);
        init => Value = Bits.With(Value, 16, value);
    }

    /// <summary>PCIDE: bits 0 to 11 of CR3 are a PCID.</summary>
    public bool ProcessContextIdentifiers
    {
        get => Bits.Get(Value, 17);
        init => Value = Bits.With(Value, 17, value);
    }

    /// <summary>OSXSAVE: XSAVE and XCR0.</summary>
    public bool OsXsave
    {
        get => Bits.Get(Value, 18);
        init => Value = Bits.With(Value, 18, value);
    }

    /// <summary>KL.</summary>
    public bool KeyLocker
    {
        get => Bits.Get(Value, 19);
        init => Value = Bits.With(Value, 19, value);
    }

    /// <summary>SMEP: the supervisor executes no user page.</summary>
    public bool SupervisorModeExecutionPrevention
    {
        get => Bits.Get(Value, 20);
        init => Value = Bits.With(Value, 20, value);
    }

    /// <summary>SMAP: the supervisor touches no user page unless RFLAGS.AC is set.</summary>
    public bool SupervisorModeAccessPrevention
    {
        get => Bits.Get(Value, 21);
        init => Value = Bits.With(Value, 21, value);
    }

    /// <summary>PKE: protection keys of user pages.</summary>
    public bool ProtectionKeys
    {
        get => Bits.Get(Value, 22);
        init => Value = Bits.With(Value, 22, value);
    }

    /// <summary>CET.</summary>
    public bool ControlFlowEnforcement
    {
        get => Bits.Get(Value, 23);
        init => Value = Bits.With(Value, 23, value);
    }

    /// <summary>PKS: protection keys of supervisor pages.</summary>
    public bool SupervisorProtectionKeys
    {
        get => Bits.Get(Value, 24);
        init => Value = Bits.With(Value, 24, value);
    }

    /// <summary>UINTR.</summary>
    public bool UserInterrupts
    {
        get => Bits.Get(Value, 25);
        init => Value = Bits.With(Value, 25, value);
    }

    /// <summary>LAM_SUP: masking of the upper bits of supervisor pointers.</summary>
    public bool LinearAddressMaskingSupervisor
    {
        get => Bits.Get(Value, 28);
        init => Value = Bits.With(Value, 28, value);
    }

    /// <summary>The register with a number as its value.</summary>
    public static implicit operator Cr4(ulong value) => new(value);

    /// <summary>The register as a number.</summary>
    public static explicit operator ulong(Cr4 register) => register.Value;

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}
