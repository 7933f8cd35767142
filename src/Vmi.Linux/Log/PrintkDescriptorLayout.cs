using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct prb_desc`: the state of a record, and where its text is.</summary>
internal sealed class PrintkDescriptorLayout : StructLayout
{
    public PrintkDescriptorLayout(Profile profile)
        : base(profile, "prb_desc")
    {
        State = Number("state_var");
        Begin = Number("text_blk_lpos.begin");
        Next = Number("text_blk_lpos.next");
    }

    public Field State { get; }

    public Field Begin { get; }

    public Field Next { get; }
}
