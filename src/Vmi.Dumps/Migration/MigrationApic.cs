using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// The local APIC of a vCPU in a migration stream: QEMU's `vmstate_apic_common` (hw/intc/apic_common.c). It has neither the version nor
/// the timer's current count.
/// </summary>
internal static class MigrationApic
{
    private const int VectorWords = 8;

    private static readonly string[] Needed =
    [
        "apicbase", "id", "tpr", "spurious_vec", "log_dest", "dest_mode", "esr", "divide_conf", "initial_count", "icr[0]", "icr[1]",
        "lvt[0]", "lvt[1]", "lvt[2]", "lvt[3]", "lvt[4]", "lvt[5]",
        .. new[] { "isr", "tmr", "irr" }.SelectMany(name => Enumerable.Range(0, VectorWords).Select(word => Word(name, word))),
    ];

    /// <summary>Reads an APIC; null if the description lacks a field of it.</summary>
    public static LocalApic? Read(DeviceFields apic)
    {
        if (!Array.TrueForAll(Needed, apic.Has))
            return null;
        var registers = new LocalApic
        {
            Base = apic.Number("apicbase"),
            TaskPriority = (byte)apic.Number("tpr"),
            SpuriousVector = (uint)apic.Number("spurious_vec"),
            InService = Vectors(apic, "isr"),
            TriggerMode = Vectors(apic, "tmr"),
            InterruptRequest = Vectors(apic, "irr"),
            ErrorStatus = (uint)apic.Number("esr"),
            InterruptCommand = apic.Number("icr[0]") | (apic.Number("icr[1]") << 32),
            LvtTimer = (uint)apic.Number("lvt[0]"),
            LvtThermalSensor = (uint)apic.Number("lvt[1]"),
            LvtPerformanceCounter = (uint)apic.Number("lvt[2]"),
            LvtLint0 = (uint)apic.Number("lvt[3]"),
            LvtLint1 = (uint)apic.Number("lvt[4]"),
            LvtError = (uint)apic.Number("lvt[5]"),
            InitialCount = (uint)apic.Number("initial_count"),
            DivideConfiguration = (uint)apic.Number("divide_conf"),
        };
        // What the stream has of these is of 8 bits, which in x2APIC mode they are not.
        return registers.IsX2Apic ? registers : registers with
        {
            Id = (uint)apic.Number("id"),
            LogicalDestination = (uint)apic.Number("log_dest") << 24,
            DestinationFormat = ((uint)apic.Number("dest_mode") << 28) | 0x0fffffff,
        };
    }

    private static List<byte> Vectors(DeviceFields apic, string name)
    {
        var vectors = new List<byte>();
        for (var vector = 0; vector < VectorWords * 32; vector++)
        {
            if ((apic.Number(Word(name, vector / 32)) & (1UL << (vector % 32))) != 0)
                vectors.Add((byte)vector);
        }
        return vectors;
    }

    private static string Word(string name, int word) => $"{name}[{word}]";
}
