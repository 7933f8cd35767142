using System.Text;

namespace Vmi.Symbols.Tests;

/// <summary>A kernel image made by hand: banner, notes, BTF, kallsyms.</summary>
internal static class SampleImage
{
    public static KernelImage Create(ulong start = KallsymsBuilder.Base, string banner = "Linux version 6.1.0-test (x) #1 SMP",
        bool withBtfSymbols = true, int btfPadding = 0, byte buildId = 0) =>
        new(new Va(start), Bytes(start, banner, withBtfSymbols, btfPadding, buildId));

    public static byte[] Bytes(ulong start = KallsymsBuilder.Base, string banner = "Linux version 6.1.0-test (x) #1 SMP",
        bool withBtfSymbols = true, int btfPadding = 0, byte buildId = 0)
    {
        var btf = Btf();
        var symbols = KallsymsBuilder.Sample();
        symbols.Add(KallsymsBuilder.Base + 0x41000, 'D', "linux_banner")
            .Add(KallsymsBuilder.Base + 0x41100, 'R', "__start_notes").Add(KallsymsBuilder.Base + 0x4113c, 'R', "__stop_notes");
        if (withBtfSymbols)
            symbols.Add(KallsymsBuilder.Base + 0x42000, 'R', "__start_BTF")
                .Add(KallsymsBuilder.Base + 0x42000 + (ulong)(btf.Length + btfPadding), 'R', "__stop_BTF");
        // The offsets are the same wherever the kernel lies; only relative_base moves.
        var image = new byte[0x50000];
        symbols.MovedBy(start - KallsymsBuilder.Base).Tables(KallsymsBuilder.Format.Linux64, 0).CopyTo(image, 0x1000);
        Encoding.ASCII.GetBytes(banner + "\n").CopyTo(image, 0x41000);
        byte[] other = [4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, .. "Xen\0"u8, 1, 2, 3, 4, 5, 0, 0, 0];
        byte[] id = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, .. "GNU\0"u8,
            .. Convert.FromHexString("00112233445566778899aabbccddeeff001122"), (byte)(0x33 ^ buildId)];
        other.CopyTo(image, 0x41100);
        id.CopyTo(image, 0x41100 + other.Length);
        btf.CopyTo(image, 0x42000);
        return image;
    }

    public static byte[] Btf()
    {
        var b = new BtfBuilder();
        var u32 = b.Int("unsigned int", 4);
        var list = b.Struct("list_head", 16, ("next", b.Ptr(3), 0), ("prev", 2, 64));
        b.BitStruct("task_struct", 64, ("pid", u32, 32), ("tgid", u32, 64), ("tasks", list, 128), ("bit", u32, BtfBuilder.BitField(96, 1)),
            ("comm", b.Array(b.Int("char", 1, signed: true), 16), 256));
        b.Enum("pid_type", false, ("PIDTYPE_PID", 0), ("PIDTYPE_TGID", 1));
        b.Enum64("wide", true, ("WIDE", 1ul << 40));
        b.Simple(BtfKind.Typedef, "pid_t", u32);
        b.Simple(BtfKind.Func, "schedule", b.FuncProto(0, ("task", b.Ptr(4))));
        b.Simple(BtfKind.Fwd, "mystery", 0);
        b.Simple(BtfKind.Float, "double", 8);
        return b.Build();
    }
}
