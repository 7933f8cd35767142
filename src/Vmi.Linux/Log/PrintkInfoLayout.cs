using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct printk_info`: what is known of a record besides its text.</summary>
internal sealed class PrintkInfoLayout : StructLayout
{
    public PrintkInfoLayout(Profile profile)
        : base(profile, "printk_info")
    {
        Sequence = Number("seq");
        Timestamp = Number("ts_nsec");
        TextLength = Number("text_len");
        Facility = Number("facility");
        Level = Bits("level");
        Caller = Number("caller_id");
    }

    public Field Sequence { get; }

    public Field Timestamp { get; }

    public Field TextLength { get; }

    public Field Facility { get; }

    public BitField Level { get; }

    public Field Caller { get; }
}
