using Vmi.Symbols;

namespace Vmi.Linux.Tests.Detection;

/// <summary>A kernel found in memory alone.</summary>
public sealed class ScanTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_kernel_is_found_in_memory_alone(bool fiveLevel)
    {
        var guest = new DetectionGuest(fiveLevel: fiveLevel);
        using var core = new VmiCore(guest.Memory);
        var kernel = LinuxDetector.Detect(core);
        Assert.Equal(new Va(DetectionGuest.Image), kernel.ImageBase);
        Assert.Equal(new Va(DetectionGuest.ImageEnd), kernel.ImageEnd);
        Assert.Equal(new Pa(DetectionGuest.ImageAt), kernel.ImagePhysicalBase);
        Assert.Equal(guest.Root, kernel.TranslationRoot);
        Assert.Equal(fiveLevel ? PagingLevels.Five : PagingLevels.Four, kernel.PagingMode.Levels);
        Assert.Equal(kernel.PagingMode.Levels, core.PagingMode.Levels);
        Assert.Equal(DetectionGuest.Text, kernel.Banner);
        Assert.Equal(new Va(guest.DirectMap), kernel.DirectMapBase);
        Assert.Equal(new Va(guest.PageArray), kernel.PageArrayBase);
        Assert.False(kernel.PageTableIsolation);
        Assert.Equal("scan", kernel.FoundBy);
        Assert.Equal(new Va(DetectionGuest.InitTask), kernel.Profile.Symbol("init_task"));
        Assert.Equal(unchecked(DetectionGuest.ImageAt - (DetectionGuest.Image - 0xffff_ffff_8000_0000)), kernel.PhysicalOffset);
    }

    [Fact]
    public void A_user_root_behind_the_kernels_own_means_page_table_isolation()
    {
        var guest = new DetectionGuest();
        guest.Memory.Write(guest.Root.Value + 0x1000 + 508 * 8, 0x40063);
        Assert.True(Detect(guest).PageTableIsolation);
    }

    [Theory]
    [InlineData(0x22000)]
    [InlineData(0x22018)]
    [InlineData(0xff000)]
    [InlineData(0x100000)]
    public void VMCOREINFO_in_memory_leads_to_the_kernel(int address)
    {
        var guest = new DetectionGuest();
        guest.CoreInfo().CopyTo(guest.Memory.Bytes, address);
        var kernel = Detect(guest);
        Assert.Equal(guest.Root, kernel.TranslationRoot);
        Assert.Equal("VMCOREINFO in memory", kernel.FoundBy);
    }

    [Fact]
    public void A_frame_that_is_missing_hides_nothing_behind_it()
    {
        var guest = new DetectionGuest();
        guest.CoreInfo().CopyTo(guest.Memory.Bytes, 0x25000);
        guest.Memory.Remove(new Pa(0x24000));
        Assert.Equal("VMCOREINFO in memory", Detect(guest).FoundBy);
    }

    [Fact]
    public void A_forged_VMCOREINFO_that_names_the_real_page_tables_does_not_hide_the_kernel()
    {
        var guest = new DetectionGuest();
        guest.CoreInfo("9.9.9-forged").CopyTo(guest.Memory.Bytes, 0x22000);
        Assert.Equal(guest.Root, Detect(guest).TranslationRoot);
    }

    [Fact]
    public void A_note_of_the_source_is_followed()
    {
        var guest = new DetectionGuest();
        using var core = new VmiCore(new NoteDriver(guest.Memory, guest.CoreInfo()));
        Assert.Equal("VMCOREINFO note", LinuxDetector.Detect(core).FoundBy);
    }

    [Fact]
    public void A_note_of_another_kernel_is_not_believed()
    {
        var guest = new DetectionGuest();
        using var core = new VmiCore(new NoteDriver(guest.Memory, guest.CoreInfo("5.10.0-other")));
        Assert.Equal("scan", LinuxDetector.Detect(core).FoundBy);
    }

    [Fact]
    public void A_kernel_without_read_only_data_is_found()
    {
        var guest = new DetectionGuest();
        guest.SetRights(DetectionGuest.ReadOnly, DetectionGuest.Data - DetectionGuest.ReadOnly, 0x63 | DetectionGuest.NoExecute);
        Assert.Equal(guest.Root, Detect(guest).TranslationRoot);
    }

    [Fact]
    public void Pages_that_the_kernel_unmapped_in_its_image_are_no_obstacle()
    {
        var guest = new DetectionGuest();
        guest.SetRights(DetectionGuest.Data + 0x80000, 0x20000, 0);
        Assert.Equal(guest.Root, Detect(guest).TranslationRoot);
    }

    [Fact]
    public void A_file_that_lacks_the_struct_pages_still_has_its_kernel()
    {
        var guest = new DetectionGuest();
        for (ulong at = 0; at < 2 << 20; at += Frame.Size)
            guest.Memory.Remove(new Pa(DetectionGuest.PagesAt + at));
        Assert.Contains("its struct pages are not in this memory", Detect(guest).Evidence);
    }

    [Fact]
    public void A_profile_given_takes_the_place_of_BTF_and_kallsyms()
    {
        var guest = new DetectionGuest();
        var profile = Detect(guest).Profile.Rebase(new Va(DetectionGuest.Image + 0x1000_0000));
        guest.Memory.Bytes.AsSpan((int)(DetectionGuest.ImageAt + DetectionGuest.ReadOnly) + 0x10000, 0xf0000).Clear();
        Assert.Equal("No Linux kernel found", Failure(guest).Message[..21]);
        var kernel = Detect(guest, new LinuxDetectionOptions { Profile = profile });
        Assert.Equal(guest.Root, kernel.TranslationRoot);
        Assert.Equal(new Va(DetectionGuest.Image), kernel.Profile.TextBase);
    }

    [Fact]
    public void A_profile_of_another_kernel_is_refused()
    {
        var profile = Detect(new DetectionGuest(banner: "Linux version 5.10.0-other (x) #1")).Profile;
        var failure = Failure(new DetectionGuest(), new LinuxDetectionOptions { Profile = profile });
        Assert.Contains("the profile given is of another kernel", failure.Message);
        Assert.Contains("its banner is \"Linux version 5.10.0-other (x) #1\"", failure.Message);
        Assert.Contains(DetectionGuest.Text, failure.Message);
    }

    [Fact]
    public void Empty_memory_holds_no_kernel()
    {
        using var core = new VmiCore(new Fakes.FakeMemory(DetectionGuest.Length));
        var failure = Assert.Throws<LinuxDetectionException>(() => LinuxDetector.Detect(core));
        Assert.Empty(failure.Candidates);
        Assert.StartsWith("No Linux kernel found: ", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Empty(LinuxDetector.FindAll(core));
    }

    internal static LinuxKernel Detect(DetectionGuest guest, LinuxDetectionOptions? options = null)
    {
        using var core = new VmiCore(guest.Memory);
        return LinuxDetector.Detect(core, options);
    }

    internal static LinuxDetectionException Failure(DetectionGuest guest, LinuxDetectionOptions? options = null)
    {
        using var core = new VmiCore(guest.Memory);
        return Assert.Throws<LinuxDetectionException>(() => LinuxDetector.Detect(core, options));
    }
}
