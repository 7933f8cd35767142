using System.Text;

namespace Vmi.Dumps.Tests;

/// <summary>Writes the bytes of Xen's core as docs/misc/dump-core-format.txt and tools/libs/ctrl/xc_core.c say.</summary>
internal sealed class XenCoreBuilder
{
    private readonly List<(ulong Frame, byte[] Content)> _pages = [];
    private readonly List<byte[]> _vcpus = [];

    public ulong Magic { get; set; } = 0xf00febee;

    public ulong PageBytes { get; set; } = 4096;

    public ulong Format { get; set; } = 1;

    public string FramesName { get; set; } = ".xen_pfn";

    public XenCoreBuilder Page(ulong frame, byte[] content)
    {
        _pages.Add((frame, content));
        return this;
    }

    /// <summary>A `vcpu_guest_context_t` in which each 64-bit field is its own number, but that CS is as given.</summary>
    public XenCoreBuilder Vcpu(ushort cs = 0x10)
    {
        var context = new byte[5168];
        for (var i = 0; i < context.Length / 8; i++)
            BitConverter.TryWriteBytes(context.AsSpan(i * 8), (ulong)i);
        BitConverter.TryWriteBytes(context.AsSpan(656), cs);
        _vcpus.Add(context);
        return this;
    }

    public byte[] Build()
    {
        byte[] notes =
        [
            .. Note(0x2000000, []), .. Note(0x2000001, [.. Number(Magic), .. Number((ulong)_vcpus.Count), .. Number((ulong)_pages.Count),
                .. Number(PageBytes)]),
            .. Note(0x2000002, new byte[1272]), .. Note(0x2000003, Number(Format)),
        ];
        (string Name, byte[] Content)[] sections =
        [
            ("", []), (".shstrtab", []), (".note.Xen", notes), (".xen_prstatus", [.. _vcpus.SelectMany(vcpu => vcpu)]),
            (".xen_pages", [.. _pages.SelectMany(page => page.Content)]), (FramesName, [.. _pages.SelectMany(page => Number(page.Frame))]),
        ];
        sections[1].Content = Encoding.ASCII.GetBytes(string.Concat(sections.Select(section => section.Name + "\0")));
        var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        writer.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 62, 0, 1, 0, 0, 0]);
        writer.Write(0UL);
        writer.Write(0UL);
        writer.Write(64UL);
        foreach (var number in (ushort[])[0, 0, 64, 0, 0, 64, (ushort)sections.Length, 1])
            writer.Write(number);
        var (at, name) = (64L + (sections.Length * 64), 0);
        foreach (var section in sections)
        {
            writer.Write(name);
            writer.Write(1);
            writer.Write([.. Number(0), .. Number(0), .. Number((ulong)at), .. Number((ulong)section.Content.Length), .. new byte[24]]);
            at += section.Content.Length;
            name += section.Name.Length + 1;
        }
        foreach (var section in sections)
            writer.Write(section.Content);
        return file.ToArray();

        static byte[] Number(ulong number) => BitConverter.GetBytes(number);

        static byte[] Note(uint type, byte[] content) =>
            [4, 0, 0, 0, .. BitConverter.GetBytes(content.Length), .. BitConverter.GetBytes(type), .. "Xen\0"u8, .. content];
    }
}
