using System.Diagnostics;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Detection;

/// <summary>A second kernel, forged in the memory of a process.</summary>
public sealed class ForgeryTests
{
    private const ulong ForgedAt = 8 << 20;
    private const string ForgedText = "Linux version 9.9.9-forged (x) #1";

    [Fact]
    public void Two_kernels_without_a_flaw_are_listed_and_none_is_taken()
    {
        var (forged, real) = Plant(isWhole: true);
        var failure = ScanTests.Failure(real);
        Assert.Equal([real.Root, forged.Root], failure.Candidates.Select(kernel => kernel.TranslationRoot).Order());
        Assert.Contains(DetectionGuest.Text, failure.Message);
        Assert.Contains(ForgedText, failure.Message);
        Assert.Contains(real.Root.ToString(), failure.Message);
        Assert.Contains("KernelRoot", failure.Message);
    }

    [Fact]
    public void Of_two_kernels_one_is_chosen_by_its_root()
    {
        var (forged, real) = Plant(isWhole: true);
        Assert.Equal(DetectionGuest.Text, ScanTests.Detect(real, new LinuxDetectionOptions { KernelRoot = real.Root }).Banner);
        Assert.Equal(ForgedText, ScanTests.Detect(real, new LinuxDetectionOptions { KernelRoot = forged.Root }).Banner);
        var ofProcess = new LinuxDetectionOptions { KernelRoot = new Pa(DetectionGuest.ProcessRoot) };
        Assert.Equal(real.Root, ScanTests.Detect(real, ofProcess).TranslationRoot);
    }

    [Fact]
    public void A_kernel_base_leaves_out_the_others()
    {
        var (_, real) = Plant(isWhole: true);
        var failure = ScanTests.Failure(real, new LinuxDetectionOptions { KernelBase = new Va(0xffff_ffff_8100_0000) });
        Assert.Contains("is not at 0xffffffff81000000 as asked for", failure.Message);
    }

    [Fact]
    public void With_registers_the_CPU_decides()
    {
        var (forged, real) = Plant(isWhole: true);
        using var core = new VmiCore(new DetectionDriver(real.Memory, real.Registers(DetectionGuest.ProcessRoot)));
        var kernel = LinuxDetector.Detect(core);
        Assert.Equal(real.Root, kernel.TranslationRoot);
        Assert.Equal("vCPU 0 registers", kernel.FoundBy);
        Assert.Single(LinuxDetector.FindAll(core));
        Assert.NotEqual(forged.Root, kernel.TranslationRoot);
    }

    [Fact]
    public void An_image_in_memory_that_is_not_the_kernels_own_does_not_count()
    {
        var (_, real) = Plant(isWhole: false);
        Assert.Equal(real.Root, ScanTests.Detect(real).TranslationRoot);
    }

    [Fact]
    public void Page_tables_without_a_direct_map_do_not_count() => AssertFlaw(
        "don't map physical memory", guest => guest.Memory.Write(guest.Root.Value + (guest.DirectMap >> 39 & 511) * 8, 0));

    [Fact]
    public void An_image_that_user_mode_may_use_does_not_count() => AssertFlaw("user mode may use", guest =>
    {
        guest.Memory.Write(guest.Root.Value + 511 * 8, guest.Root.Value + 0x3000 | 0x67);
        guest.Memory.Write(guest.Root.Value + 0x3000 + 510 * 8, guest.Middle | 0x67);
        guest.Memory.Write(guest.Middle + (DetectionGuest.Image >> 21 & 511) * 8, DetectionGuest.ImageAt | 0xE5);
    });

    [Fact]
    public void An_image_in_pieces_does_not_count() => AssertFlaw(
        "not contiguous", guest => guest.Memory.Write(guest.Lower + 300 * 8, 0x50_0063));

    [Fact]
    public void Symbols_of_another_base_do_not_count() => AssertFlaw("is of a kernel at", guest =>
    {
        var index = DetectionGuest.Image >> 21 & 511;
        for (ulong i = 0; i < 2; i++)
        {
            var entry = guest.Middle + (index + i) * 8;
            guest.Memory.Write(entry + 8 * 8, BitConverter.ToUInt64(guest.Memory.Bytes, (int)entry));
            guest.Memory.Write(entry, 0);
        }
    });

    [Fact]
    public void A_kernel_whose_init_task_is_no_idle_task_does_not_count() => AssertFlaw(
        "not the idle task", guest => guest.Memory.Write(guest.Physical(DetectionGuest.InitTask), 1));

    [Fact]
    public void A_kernel_that_is_elsewhere_than_its_phys_base_does_not_count() => AssertFlaw(
        "phys_base", guest => guest.Memory.Write(guest.Physical(DetectionGuest.PhysBase), 0x100_0000));

    [Fact]
    public void A_kernel_with_the_name_of_another_does_not_count() => AssertFlaw(
        "its banner says", guest => guest.Memory.Bytes[(int)guest.Physical(DetectionGuest.Release)] = (byte)'9');

    [Fact]
    public void Tables_planted_in_pages_that_the_kernel_freed_do_not_count()
    {
        // The init sections of the image are freed after boot: what a process writes there, the kernel still maps in its image.
        var guest = new DetectionGuest();
        const ulong forgedTask = DetectionGuest.Data + 0xa0000;
        guest.WriteSymbols(DetectionGuest.Data + 0xb0000, DetectionGuest.Data + 0xe0000, DetectionGuest.Image + DetectionGuest.RootOffset,
            DetectionGuest.Image + forgedTask);
        "swapper/0"u8.CopyTo(guest.Memory.Bytes.AsSpan((int)(DetectionGuest.ImageAt + forgedTask) + 16));
        var kernel = ScanTests.Detect(guest);
        Assert.Equal(new Va(DetectionGuest.InitTask), kernel.Profile.Symbol("init_task"));

        // The proof that they would be found: in an image that has no read-only data they are, and nothing tells which is real.
        guest.SetRights(DetectionGuest.ReadOnly, DetectionGuest.Data - DetectionGuest.ReadOnly, 0x63 | DetectionGuest.NoExecute);
        Assert.Equal(2, ScanTests.Failure(guest).Candidates.Count);
    }

    [Fact]
    public void A_copy_of_the_kernels_image_does_not_count()
    {
        // All of it, with another banner, and page tables among it that map it like the real one. Its own page tables map the real one.
        var guest = new DetectionGuest();
        var memory = guest.Memory;
        const int length = (int)(DetectionGuest.ImageEnd - DetectionGuest.Image);
        memory.Bytes.AsSpan((int)DetectionGuest.ImageAt, length).CopyTo(memory.Bytes.AsSpan((int)ForgedAt));
        "9"u8.CopyTo(memory.Bytes.AsSpan((int)(ForgedAt + DetectionGuest.ReadOnly) + "Linux version ".Length));
        "9"u8.CopyTo(memory.Bytes.AsSpan((int)(ForgedAt + DetectionGuest.Release - DetectionGuest.Image)));
        const ulong root = ForgedAt + DetectionGuest.Data + 0xe0000, upper = root + 0x1000, middle = root + 0x2000, lower = root + 0x3000;
        const ulong index = DetectionGuest.Image >> 21 & 511;
        memory.Bytes.AsSpan((int)guest.Root.Value, Frame.Size).CopyTo(memory.Bytes.AsSpan((int)root));
        memory.Write(root + 511 * 8, upper | 0x63);
        memory.Write(upper + 510 * 8, middle | 0x63);
        memory.Write(middle + index * 8, ForgedAt | 0xE1);
        memory.Write(middle + (index + 1) * 8, lower | 0x63);
        for (ulong i = 0; i < 512; i++)
        {
            var entry = BitConverter.ToUInt64(memory.Bytes, (int)(guest.Lower + i * 8));
            memory.Write(lower + i * 8, entry + (ForgedAt - DetectionGuest.ImageAt));
        }

        Assert.Equal(guest.Root, ScanTests.Detect(guest).TranslationRoot);
        var chosen = new LinuxDetectionOptions { KernelRoot = new Pa(root) };
        Assert.Contains("don't map the image", ScanTests.Failure(guest, chosen).Message);
    }

    [Fact]
    public void Page_tables_that_open_the_kernels_image_to_user_mode_do_not_hide_it()
    {
        // They lie in a page of the image that the kernel freed, below the kernel's own, and lead to its page directory.
        var guest = new DetectionGuest();
        const ulong root = DetectionGuest.ImageAt + DetectionGuest.Data + 0x8000, upper = root + 0x1000;
        guest.Memory.Write(root + 511 * 8, upper | 0x67);
        guest.Memory.Write(upper + 510 * 8, guest.Middle | 0x67);
        guest.Memory.Write(guest.Middle + (DetectionGuest.Image >> 21 & 511) * 8, DetectionGuest.ImageAt | 0xE5);
        guest.Memory.Write(guest.Root.Value + 511 * 8, guest.Root.Value + 0x3000 | 0x63);
        Assert.Equal(guest.Root, ScanTests.Detect(guest).TranslationRoot);
        var chosen = new LinuxDetectionOptions { KernelRoot = new Pa(root) };
        Assert.Contains("user mode may use", ScanTests.Failure(guest, chosen).Message);
    }

    [Fact]
    public void Images_without_end_are_refused()
    {
        var guest = new DetectionGuest();
        // Each is root and page directory at once.
        for (ulong i = 0, table = ForgedAt; i < 2000; i++, table += Frame.Size)
        {
            guest.Memory.Write(table + 510 * 8, table | 0x63);
            guest.Memory.Write(table + 511 * 8, table | 0x63);
        }

        AssertRefusedButChosen(guest);
    }

    [Fact]
    public void Candidates_without_end_are_refused()
    {
        var guest = new DetectionGuest();
        PlantRoots(guest, 200, length: 1);
        AssertRefusedButChosen(guest);
    }

    [Fact]
    public void Images_of_a_GiB_each_are_not_searched_without_end()
    {
        var guest = new DetectionGuest();
        PlantRoots(guest, 20, length: 510);
        var clock = Stopwatch.StartNew();
        AssertRefusedButChosen(guest);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Page_tables_that_refer_to_themselves_come_to_an_end()
    {
        var memory = new FakeMemory(DetectionGuest.Length);
        for (ulong i = 0; i < DetectionGuest.Length; i += 8)
            memory.Write(i, (i & ~0xFFFUL) | 0x63);
        using var core = new VmiCore(memory);
        Assert.Throws<LinuxDetectionException>(() => LinuxDetector.Detect(core));
    }

    /// <summary>
    /// Plants page tables, each of which lies in the first 2 MiB that it maps, as read-only data of <paramref name="length"/> times 2 MiB.
    /// </summary>
    private static void PlantRoots(DetectionGuest guest, int count, int length)
    {
        const ulong start = 10 << 20, tables = 12 << 20;
        for (ulong i = 0; i < (ulong)count; i++)
        {
            ulong root = start + i * Frame.Size, upper = tables + i * 2 * Frame.Size, middle = upper + Frame.Size;
            guest.Memory.Write(root + 511 * 8, upper | 0x63);
            guest.Memory.Write(upper + 510 * 8, middle | 0x63);
            guest.Memory.Write(middle + 8, start | 0xE1 | DetectionGuest.NoExecute);
            guest.Memory.Write(middle + (ulong)length * 8, start + ((ulong)length - 1 << 21) | 0xE1 | DetectionGuest.NoExecute);
        }
    }

    private static void AssertRefusedButChosen(DetectionGuest guest)
    {
        var failure = ScanTests.Failure(guest);
        Assert.Contains("more candidates for a Linux kernel than are looked at", failure.Message);
        Assert.Equal(guest.Root, Assert.Single(failure.Candidates).TranslationRoot);
        Assert.Equal(guest.Root, ScanTests.Detect(guest, new LinuxDetectionOptions { KernelRoot = guest.Root }).TranslationRoot);
    }

    private static void AssertFlaw(string reason, Action<DetectionGuest> spoil)
    {
        var guest = new DetectionGuest();
        spoil(guest);
        Assert.Contains(reason, ScanTests.Failure(guest).Message);
    }

    /// <summary>The forged kernel first, so that what both write is the real one's.</summary>
    private static (DetectionGuest Forged, DetectionGuest Real) Plant(bool isWhole)
    {
        var forged = new DetectionGuest(imageAt: ForgedAt, tablesAt: 0x80000, banner: ForgedText);
        var real = new DetectionGuest(forged.Memory);
        if (!isWhole)
            forged.Memory.Bytes.AsSpan((int)(DetectionGuest.PagesAt + (ForgedAt >> Frame.Shift) * 64), 64 * 1024).Clear();
        return (forged, real);
    }
}
