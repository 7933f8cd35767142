namespace Vmi.Amd64;

/// <summary>The registers of a vCPU's local APIC at one moment (Intel SDM volume 3, 11.4.1).</summary>
public sealed record LocalApic
{
    private const ulong X2Apic = 1 << 10;

    /// <summary>IA32_APIC_BASE: where its registers are in physical memory, and whether it is on.</summary>
    public required ulong Base { get; init; }

    /// <summary>Whether it is in x2APIC mode, in which its registers are MSRs.</summary>
    public bool IsX2Apic => (Base & X2Apic) != 0;

    /// <summary>Its number; null if the source lacks it.</summary>
    public uint? Id { get; init; }

    /// <summary>TPR: the task priority, whose upper half is CR8.</summary>
    public required byte TaskPriority { get; init; }

    /// <summary>LDR: the logical destination; null if the source lacks it.</summary>
    public uint? LogicalDestination { get; init; }

    /// <summary>DFR: the model of logical destinations; null if the source lacks it, and in x2APIC mode, which has none.</summary>
    public uint? DestinationFormat { get; init; }

    /// <summary>SVR: the vector of spurious interrupts, and whether the APIC is enabled by software.</summary>
    public required uint SpuriousVector { get; init; }

    /// <summary>ISR: the vectors whose interrupts are being served, ascending.</summary>
    public required IReadOnlyList<byte> InService { get; init; }

    /// <summary>TMR: the vectors whose interrupts are triggered by level, ascending.</summary>
    public required IReadOnlyList<byte> TriggerMode { get; init; }

    /// <summary>IRR: the vectors whose interrupts wait, ascending.</summary>
    public required IReadOnlyList<byte> InterruptRequest { get; init; }

    /// <summary>ESR: the errors since it was last written.</summary>
    public required uint ErrorStatus { get; init; }

    /// <summary>ICR: the interrupt sent last, the destination in the upper half.</summary>
    public required ulong InterruptCommand { get; init; }

    /// <summary>The entry of the local vector table for the timer.</summary>
    public required uint LvtTimer { get; init; }

    /// <summary>The entry for the thermal sensor.</summary>
    public required uint LvtThermalSensor { get; init; }

    /// <summary>The entry for the performance counters.</summary>
    public required uint LvtPerformanceCounter { get; init; }

    /// <summary>The entry for LINT0.</summary>
    public required uint LvtLint0 { get; init; }

    /// <summary>The entry for LINT1.</summary>
    public required uint LvtLint1 { get; init; }

    /// <summary>The entry for errors.</summary>
    public required uint LvtError { get; init; }

    /// <summary>The timer's initial count.</summary>
    public required uint InitialCount { get; init; }

    /// <summary>How the timer divides its clock.</summary>
    public required uint DivideConfiguration { get; init; }
}
