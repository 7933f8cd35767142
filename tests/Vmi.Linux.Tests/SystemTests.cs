using Vmi.Linux.Tests.Fakes;
using Vmi.Symbols;
using Vmi.Symbols.Tests;

namespace Vmi.Linux.Tests;

public sealed class SystemTests
{
    private readonly FakeGuest _guest = new();

    private void SetClock(ulong seconds, ulong nanoseconds, ulong real, ulong boot)
    {
        // The structure follows a sequence counter.
        var keeper = FakeGuest.TkCore + 8;
        _guest.Set(keeper, "timekeeper", "tkr_mono.base", seconds * 1_000_000_000);
        _guest.Set(keeper, "timekeeper", "tkr_mono.shift", 8);
        _guest.Set(keeper, "timekeeper", "tkr_mono.xtime_nsec", nanoseconds << 8);
        _guest.Set(keeper, "timekeeper", "offs_real", real);
        _guest.Set(keeper, "timekeeper", "offs_boot", boot);
    }

    [Fact]
    public void Uptime_counts_sleep_and_the_boot_time_is_the_clock_s_less_that()
    {
        SetClock(100, 500_000_000, 1_700_000_000_000_000_000, 30_000_000_000);
        Assert.Equal(TimeSpan.FromSeconds(130.5), _guest.Os.Uptime);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 - 30), _guest.Os.BootTime);
    }

    [Fact]
    public void Absurd_clocks_are_numbers_and_nothing_worse()
    {
        SetClock(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);
        Assert.NotNull(_guest.Os.Uptime);
        SetClock(0, 0, 1UL << 63, 1);
        Assert.NotNull(_guest.Os.BootTime);
        SetClock(0, 0, (1UL << 63) - 1, 1UL << 63);
        Assert.NotNull(_guest.Os.BootTime);
    }

    [Fact]
    public void Names_and_command_line_are_read()
    {
        _guest.Write(FakeGuest.UtsNamespace, "guest\0"u8);
        _guest.Write(FakeGuest.UtsNamespace + 65, "6.6.6-test\0"u8);
        _guest.Write(FakeGuest.CommandLine, _guest.Text("quiet root=/dev/vda"));
        Assert.Equal(
            ("guest", "6.6.6-test", "quiet root=/dev/vda"),
            (_guest.Os.HostName, _guest.Os.KernelRelease, _guest.Os.KernelCommandLine));
        _guest.Write(FakeGuest.CommandLine, 0UL);
        Assert.Null(_guest.Os.KernelCommandLine);
    }

    [Fact]
    public void A_state_without_registers_knows_the_kernel_s_memory()
    {
        _guest.AddProcess(1, "init");
        var state = _guest.Session.WithRegisters(null);
        Assert.Equal("init", Assert.Single(state.Os.Processes()).Name);
        Assert.Equal(0UL, state.ReadUInt64(new Va(FakeGuest.Image)));
        Assert.Throws<TranslationFaultException>(() => state.ReadUInt64(new Va(0x1000)));
    }

    [Fact]
    public void A_forged_profile_whose_fields_are_out_of_all_bounds_is_refused()
    {
        var btf = new BtfBuilder();
        var number = btf.Int("u64", 8);
        btf.Struct("cred", 1 << 28, ("uid", number, (1u << 27) * 8));
        var profile = new Profile(BtfTypes.Parse(btf.Build()), _guest.Kernel.Profile.Symbols, _guest.Kernel.Profile.Kernel);
        Assert.Contains("not sound", Assert.Throws<ProfileException>(() => new CredLayout(profile)).Message, StringComparison.Ordinal);
        Assert.Contains("task_struct", Assert.Throws<ProfileException>(() => new TaskLayout(profile)).Message, StringComparison.Ordinal);
    }
}
