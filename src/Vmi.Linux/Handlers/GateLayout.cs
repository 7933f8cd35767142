using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct gate_struct`: an entry of the interrupt table.</summary>
internal sealed class GateLayout : StructLayout
{
    public GateLayout(Profile profile)
        : base(profile, "gate_struct")
    {
        Low = Number("offset_low");
        Middle = Number("offset_middle");
        High = Number("offset_high");
        Present = Bits("bits.p");
        Size = profile.SizeOf(Name);
    }

    public Field Low { get; }

    public Field Middle { get; }

    public Field High { get; }

    public BitField Present { get; }

    public ulong Size { get; }
}
