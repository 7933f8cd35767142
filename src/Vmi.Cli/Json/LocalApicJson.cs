using Vmi.Amd64;
using Vmi.Cli.Text;

namespace Vmi.Cli.Json;

/// <summary>The local APIC of a vCPU in `registers`.</summary>
internal sealed record LocalApicJson(
    string Base, string? Id, string TaskPriority, string? LogicalDestination, string? DestinationFormat, string SpuriousVector,
    string ErrorStatus, string InterruptCommand, string LvtTimer, string LvtThermalSensor, string LvtPerformanceCounter,
    string LvtLint0, string LvtLint1, string LvtError, string InitialCount, string DivideConfiguration,
    IReadOnlyList<int> InService, IReadOnlyList<int> TriggerMode, IReadOnlyList<int> InterruptRequest)
{
    /// <summary>That of a vCPU.</summary>
    public static LocalApicJson Of(LocalApic apic)
    {
        return new LocalApicJson(
            NumberText.Hex(apic.Base), Hex(apic.Id), NumberText.Hex(apic.TaskPriority), Hex(apic.LogicalDestination),
            Hex(apic.DestinationFormat), NumberText.Hex(apic.SpuriousVector), NumberText.Hex(apic.ErrorStatus),
            NumberText.Hex(apic.InterruptCommand), NumberText.Hex(apic.LvtTimer), NumberText.Hex(apic.LvtThermalSensor),
            NumberText.Hex(apic.LvtPerformanceCounter), NumberText.Hex(apic.LvtLint0), NumberText.Hex(apic.LvtLint1),
            NumberText.Hex(apic.LvtError), NumberText.Hex(apic.InitialCount), NumberText.Hex(apic.DivideConfiguration),
            Numbers(apic.InService), Numbers(apic.TriggerMode), Numbers(apic.InterruptRequest));

        static string? Hex(uint? value) => value is { } known ? NumberText.Hex(known) : null;

        // Bytes would be written as base64.
        static IReadOnlyList<int> Numbers(IReadOnlyList<byte> vectors) => [.. vectors.Select(vector => (int)vector)];
    }
}
