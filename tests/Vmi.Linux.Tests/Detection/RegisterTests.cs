using Vmi.Amd64;

namespace Vmi.Linux.Tests.Detection;

/// <summary>A kernel found by the registers of a vCPU.</summary>
public sealed class RegisterTests
{
    private const ulong UserRoot = 0x33000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_root_of_a_process_leads_to_the_kernels_own(bool fiveLevel)
    {
        var guest = new DetectionGuest(fiveLevel: fiveLevel);
        var kernel = Detect(guest, guest.Registers(DetectionGuest.ProcessRoot | 0x5));
        Assert.Equal(guest.Root, kernel.TranslationRoot);
        Assert.Equal("vCPU 0 registers", kernel.FoundBy);
        Assert.Equal(fiveLevel ? PagingLevels.Five : PagingLevels.Four, kernel.PagingMode.Levels);
    }

    [Fact]
    public void A_vCPU_in_user_mode_under_isolation_leads_to_the_kernel()
    {
        var guest = new DetectionGuest();
        IsolateProcess(guest);
        var kernel = Detect(guest, guest.Registers(UserRoot));
        Assert.Equal(guest.Root, kernel.TranslationRoot);
    }

    [Fact]
    public void The_frame_beside_a_user_root_does_not_count_where_it_maps_other_memory()
    {
        // The frame beside the root is a process's, filled with page tables of its own.
        var forged = new DetectionGuest(imageAt: 8 << 20, tablesAt: 0x80000, banner: "Linux version 9.9.9-forged (x) #1");
        var guest = new DetectionGuest(forged.Memory);
        IsolateProcess(guest);
        guest.Memory.Bytes.AsSpan((int)forged.Root.Value, Frame.Size).CopyTo(guest.Memory.Bytes.AsSpan((int)UserRoot - Frame.Size));
        var failure = Failure(guest, guest.Registers(UserRoot));
        Assert.Contains("where the CPU has it", failure.Message);
    }

    [Fact]
    public void The_second_vCPU_is_asked_if_the_first_has_no_kernel_yet()
    {
        var guest = new DetectionGuest();
        var early = guest.Registers(0);
        early.Cr0 = 0x10;
        Assert.Equal("vCPU 1 registers", Detect(guest, early, guest.Registers(DetectionGuest.ProcessRoot)).FoundBy);
    }

    [Fact]
    public void A_machine_that_boots_still_has_no_kernel_whatever_its_memory_holds()
    {
        var guest = new DetectionGuest();
        var early = guest.Registers(0);
        early.Cr0 = 0x10;
        Assert.Contains("vCPU 0 registers: it is not in 64-bit mode, so no kernel runs on it yet", Failure(guest, early).Message);
    }

    [Fact]
    public void Handlers_outside_of_a_kernels_image_are_another_systems()
    {
        var guest = new DetectionGuest();
        foreach (var vector in (int[])[0, 14])
            guest.Memory.Write(0x21000 + (ulong)vector * 16 + 8, 0xffff_f800);
        Assert.Contains("no Linux kernel runs on it, or not yet: its interrupt handler is at 0xfffff800", Failure(guest,
            guest.Registers(DetectionGuest.ProcessRoot)).Message);
    }

    [Fact]
    public void Registers_without_control_registers_decide_nothing()
    {
        var guest = new DetectionGuest();
        Assert.Equal("scan", Detect(guest, new Amd64Registers(Amd64RegisterGroups.General)).FoundBy);
    }

    [Fact]
    public void A_source_without_descriptor_tables_is_believed_its_CR3()
    {
        var guest = new DetectionGuest();
        var full = guest.Registers(DetectionGuest.ProcessRoot);
        var registers = new Amd64Registers(Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer);
        registers.CopyFrom(full, registers.Available);
        Assert.Equal("vCPU 0 registers", Detect(guest, registers).FoundBy);
    }

    /// <summary>Gives a process two roots: the kernel's, which is whole, and behind it that of user mode: the IDT and the entry.</summary>
    private static void IsolateProcess(DetectionGuest guest)
    {
        guest.Memory.Bytes.AsSpan((int)guest.Root.Value, Frame.Size).CopyTo(guest.Memory.Bytes.AsSpan((int)UserRoot - Frame.Size));
        const ulong upper = 0x34000, middle = 0x35000, lower = 0x36000;
        guest.Memory.Write(UserRoot + 508 * 8, BitConverter.ToUInt64(guest.Memory.Bytes, (int)guest.Root.Value + 508 * 8));
        guest.Memory.Write(UserRoot + 511 * 8, upper | 0x63);
        guest.Memory.Write(upper + 510 * 8, middle | 0x63);
        guest.Memory.Write(middle + (DetectionGuest.Image >> 21 & 511) * 8, lower | 0x63);
        guest.Memory.Write(lower + 8, DetectionGuest.ImageAt + 0x1000 | 0x61);
    }

    private static LinuxKernel Detect(DetectionGuest guest, params Amd64Registers[] vcpus)
    {
        using var core = new VmiCore(new DetectionDriver(guest.Memory, vcpus));
        return LinuxDetector.Detect(core);
    }

    private static LinuxDetectionException Failure(DetectionGuest guest, params Amd64Registers[] vcpus)
    {
        using var core = new VmiCore(new DetectionDriver(guest.Memory, vcpus));
        return Assert.Throws<LinuxDetectionException>(() => LinuxDetector.Detect(core));
    }
}
