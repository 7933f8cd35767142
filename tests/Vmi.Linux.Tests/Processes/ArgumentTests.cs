using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Processes;

public sealed class ArgumentTests
{
    private readonly FakeGuest _guest = new(limits: new VmiLimits { StringBytes = 8192 });
    private readonly ulong _mm;

    public ArgumentTests() => _mm = _guest.AddSpace(_guest.AddProcess(1, "init"));

    private LinuxProcess Process => _guest.Os.Processes()[0];

    /// <summary>User address of a page of the process: its lower half maps the same memory as the direct map.</summary>
    private ulong Put(ReadOnlySpan<byte> bytes, ulong behind = 0)
    {
        var at = _guest.Allocate((ulong)bytes.Length + behind, 4096);
        _guest.Write(at, bytes);
        return at - FakeGuest.DirectMap;
    }

    private void SetArguments(ulong start, ulong end, ulong environmentEnd = 0)
    {
        _guest.Set(_mm, "mm_struct", "arg_start", start);
        _guest.Set(_mm, "mm_struct", "arg_end", end);
        _guest.Set(_mm, "mm_struct", "env_start", end);
        _guest.Set(_mm, "mm_struct", "env_end", environmentEnd == 0 ? end : environmentEnd);
    }

    [Fact]
    public void Arguments_are_split_at_zero_bytes_and_joined_by_spaces()
    {
        var at = Put([.. "sh\0-c\0a b\0\0"u8, 0xff, 0, 0]);
        SetArguments(at, at + 14);
        Assert.Equal(["sh", "-c", "a b", "", @"\xff", ""], Process.Arguments());
        Assert.Equal(@"sh -c a b  \xff", Process.CommandLine);
        Assert.Null(Process.Arguments().Incomplete);
    }

    [Fact]
    public void Roots_of_kernel_and_user_mode_are_the_page_of_pgd_and_the_one_after_it()
    {
        Assert.Equal(0x2000UL, Process.TranslationRoot.Value);
        Assert.Equal(0x3000UL, (Process.UserTranslationRoot & ~0UL).Value);
    }

    [Fact]
    public void A_title_that_runs_on_into_the_environment_is_one_string()
    {
        var at = Put("nginx: master process\0HOME=/"u8);
        SetArguments(at, at + 10, at + 28);
        Assert.Equal("nginx: master process", Process.CommandLine);
    }

    [Fact]
    public void Arguments_that_are_partly_paged_out_are_partial()
    {
        var text = Enumerable.Repeat((byte)'x', 4096).ToArray();
        var at = Put(text, 4096);
        _guest.Remove(at + FakeGuest.DirectMap + 4096);
        SetArguments(at, at + 5000);
        Assert.Contains("not all there", Process.Arguments().Incomplete, StringComparison.Ordinal);
        Assert.Equal(4096, Process.CommandLine!.Length);
    }

    [Theory]
    [InlineData(0x10_0000UL, ulong.MaxValue)]
    [InlineData(0x10_0000UL, 0x8000_0000_0000UL)]
    [InlineData(0x10_0000UL, 0x10_0000UL + 9000)]
    public void Arguments_beyond_the_limit_are_cut(ulong start, ulong end)
    {
        SetArguments(start, end);
        Assert.Contains("cut at 8192", Process.Arguments().Incomplete, StringComparison.Ordinal);
        Assert.True(Process.CommandLine!.Length <= 8192);
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(0x2000UL, 0x1000UL)]
    [InlineData(ulong.MaxValue, 1UL)]
    public void Arguments_that_end_before_they_begin_are_none(ulong start, ulong end)
    {
        SetArguments(start, end);
        Assert.Empty(Process.Arguments());
        Assert.Equal("", Process.CommandLine);
    }
}
