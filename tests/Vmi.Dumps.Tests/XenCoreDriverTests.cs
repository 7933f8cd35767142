using Vmi.Amd64;

namespace Vmi.Dumps.Tests;

/// <summary>Xen's cores, laid out by its documentation and headers.</summary>
public sealed class XenCoreDriverTests
{
    [Fact]
    public void Pages_lie_at_their_frames_in_whatever_order()
    {
        using var folder = new TestFolder();
        var pages = Enumerable.Range(0, 5).Select(number => Bytes.Random(4096, number)).ToArray();
        var builder = new XenCoreBuilder().Vcpu().Vcpu().Page(7, pages[0]).Page(8, pages[1]).Page(ulong.MaxValue, pages[2])
            .Page(0x100000, pages[3]).Page(6, pages[4]);
        using var driver = MemoryFile.Open(folder.Write("memory.xen", builder.Build()));

        Assert.IsType<XenCoreDriver>(driver);
        Assert.Equal("Xen core memory.xen", driver.Name);
        Assert.Equal(new VmiInfo(new Gfn(0x100000), 2), driver.Info);
        Assert.Equal([new PhysicalRange(new Pa(0x6000), 0x3000), new PhysicalRange(new Pa(0x1_0000_0000), 0x1000)], driver.MemoryMap);
        Assert.Equal([.. pages[4], .. pages[0], .. pages[1]], driver.Read(0x6000, 0x5000));
        Assert.Equal(pages[3], driver.ReadPage(new Gfn(0x100000))!.ToArray());
        Assert.True(driver.TryGetSpan(new Pa(0x7000), 0x2000, out _));
    }

    [Fact]
    public void A_vCPU_has_what_Xen_tells_of_it()
    {
        using var folder = new TestFolder();
        var file = new XenCoreBuilder().Vcpu().Vcpu(0x33).Page(0, new byte[4096]).Build();
        using var driver = XenCoreDriver.Open(folder.Write("memory.xen", file));

        var kernel = (Amd64Registers)driver.GetRegisters(default);
        // Each field is its offset divided by 8, as the compiler lays `vcpu_guest_context_t` out (libxen-dev 4.17): user_regs at 520,
        // ctrlreg at 4984, debugreg at 5048, fs_base at 5144, gs_base_kernel at 5152, gs_base_user at 5160.
        Assert.Equal((65UL, 75UL, 76UL, 77UL, 79UL, 81UL, 83UL, 84UL), (kernel.R15, kernel.Rax, kernel.Rcx, kernel.Rdx, kernel.Rdi,
            kernel.Rip, kernel.Rflags.Value, kernel.Rsp));
        Assert.Equal((623UL, 625UL, 626UL, 627UL), (kernel[Amd64Register.Cr0], kernel.Cr2, kernel.Cr3.Value, kernel[Amd64Register.Cr4]));
        Assert.Equal((631UL, 634UL, 637UL, 638UL), (kernel.Dr0, kernel.Dr3, kernel[Amd64Register.Dr6], kernel[Amd64Register.Dr7]));
        Assert.Equal((643UL, 644UL, 645UL), (kernel[Amd64Register.FsBase], kernel[Amd64Register.GsBase], kernel.KernelGsBase));
        Assert.Throws<RegisterNotAvailableException>(() => kernel.Efer);
        Assert.Throws<RegisterNotAvailableException>(() => kernel.Cs);
        Assert.Throws<RegisterNotAvailableException>(() => kernel.Idtr);

        var user = (Amd64Registers)driver.GetRegisters(new VcpuId(1));
        Assert.Equal((645UL, 644UL), (user[Amd64Register.GsBase], user.KernelGsBase));
    }

    [Fact]
    public void What_is_not_read_is_refused_by_name()
    {
        Refuses("is Xen's core of a paravirtual guest, whose page tables hold machine addresses; Vmi reads HVM and PVH guests.",
            Core(new() { Magic = 0xf00febed, FramesName = ".xen_p2m" }));
        Refuses("is a Xen core of format 1.1; Vmi reads 0.1.", Core(new() { Format = (1UL << 32) | 1 }));
        Refuses("is corrupt: a Xen core of pages of 8192 bytes.", Core(new() { PageBytes = 8192 }));
        Refuses("is an ELF core without program headers, and not one of Xen's.", Core(new() { Magic = 1 }));
        Refuses("is corrupt: a Xen core without the section .xen_pfn.", Core(new() { FramesName = ".xen_pfx" }));
        Refuses("is corrupt: frame 0x10000000000 is beyond 52-bit physical addresses.",
            new XenCoreBuilder().Vcpu().Page(1UL << 40, new byte[4096]).Build());
        Refuses("is corrupt: its section .xen_pages has 4095 bytes for 1 items of 4096 bytes.",
            new XenCoreBuilder().Vcpu().Page(1, new byte[4095]).Build());
        var whole = Core(new());
        Refuses("is truncated: 1 bytes of its section .xen_pfn are missing.", whole[..^1]);
        Refuses("is corrupt or truncated: ELF section 5 begins at offset 0x", whole[..^1008]);

        static byte[] Core(XenCoreBuilder builder) => builder.Vcpu().Page(0, new byte[4096]).Build();
    }

    [Fact]
    public void The_runs_of_pages_are_bounded()
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.xen", new XenCoreBuilder().Vcpu().Page(0, new byte[4096]).Page(2, new byte[4096]).Build());
        Assert.EndsWith("has more than 1 runs of pages (VmiLimits.Segments).",
            Assert.Throws<VmiFormatException>(() => XenCoreDriver.Open(path, new VmiLimits { Segments = 1 })).Message);
    }

    private static void Refuses(string message, byte[] file)
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.xen", file);
        Assert.StartsWith($"{path} {message}", RecognitionTests.Refusal(path), StringComparison.Ordinal);
    }
}
