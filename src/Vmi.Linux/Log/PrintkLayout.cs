using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct printk_ringbuffer`, the kernel log since 5.10.</summary>
internal sealed class PrintkLayout : StructLayout
{
    public PrintkLayout(Profile profile)
        : base(profile, "printk_ringbuffer")
    {
        CountBits = Number("desc_ring.count_bits");
        Descriptors = Number("desc_ring.descs");
        Infos = Number("desc_ring.infos");
        HeadId = Number("desc_ring.head_id");
        TailId = Number("desc_ring.tail_id");
        SizeBits = Number("text_data_ring.size_bits");
        Data = Number("text_data_ring.data");
        DescriptorSize = profile.SizeOf("prb_desc");
        InfoSize = profile.SizeOf("printk_info");
    }

    public Field CountBits { get; }

    public Field Descriptors { get; }

    public Field Infos { get; }

    public Field HeadId { get; }

    public Field TailId { get; }

    public Field SizeBits { get; }

    public Field Data { get; }

    public ulong DescriptorSize { get; }

    public ulong InfoSize { get; }
}
