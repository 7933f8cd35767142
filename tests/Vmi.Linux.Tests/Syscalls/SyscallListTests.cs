namespace Vmi.Linux.Tests.Syscalls;

public sealed class SyscallListTests
{
    private static readonly string[] Declarations =
    [
        "openat(int dfd, const char * filename, int flags, umode_t mode)", "getpid()", "unknown(int first, int * second)",
        "newfstat(unsigned int fd, struct stat * statbuf)",
    ];

    [Fact]
    public void The_list_has_numbers_names_functions_and_parameters_of_both_kinds_of_programs()
    {
        var calls = new SyscallGuest(hasMetadata: true, Declarations).Read();
        Assert.Null(calls.Incomplete);
        Assert.Equal(2 * Declarations.Length, calls.Count);
        Assert.True(calls.TryGet("openat", out var openat));
        Assert.Equal((0, "__x64_sys_openat", SyscallGuest.Handlers), (openat.Number, openat.Symbol, openat.Handler.Value));
        Assert.Equal("openat(int dfd, const char *filename, int flags, umode_t mode)", openat.ToString());
        Assert.True(openat.HasPrototype);
        Assert.True(calls.TryGet("fstat", out var fstat));
        Assert.True(calls.TryGet("newfstat", out var same));
        Assert.Same(fstat, same);
        Assert.True(calls.TryGet(3, out same));
        Assert.Same(fstat, same);
        Assert.True(calls.TryGet(fstat.Handler, out same));
        Assert.Same(fstat, same);
        Assert.False(calls.TryGet(4, out _));
        Assert.False(calls.TryGet(-1, out _));
        Assert.True(calls.TryGet("openat", out var openat32, SyscallAbi.Ia32));
        Assert.Equal((null, "__ia32_sys_openat"), (openat32.Number, openat32.Symbol));
    }

    [Fact]
    public void Without_metadata_the_parameters_come_from_BTF_and_where_that_has_none_they_are_six_numbers()
    {
        var calls = new SyscallGuest(hasMetadata: false, Declarations).Read();
        Assert.Null(calls.Incomplete);
        Assert.True(calls.TryGet("unknown", out var unknown));
        Assert.Equal("unknown(int first, int *second)", unknown.ToString());
        Assert.True(calls.TryGet("openat", out var openat));
        Assert.False(openat.HasPrototype);
        Assert.Equal(6, openat.Parameters.Count);
        // What is known of the call itself holds all the same.
        Assert.Equal(SyscallValueKind.Flags, openat.Parameters[2].Kind);
    }

    [Fact]
    public void A_vCPU_at_a_call_s_function_or_at_the_dispatcher_tells_the_call()
    {
        var guest = new SyscallGuest(hasMetadata: true, Declarations);
        var calls = guest.Read();
        guest.Enter(new Va(SyscallGuest.Handlers + 0x20));
        Assert.True(calls.TryIdentify(guest.Vcpu, out var found, out var registers));
        Assert.Equal(("getpid", SyscallGuest.Registers), (found.Name, registers.Value));
        Assert.Equal([new Va(SyscallGuest.Dispatcher)], calls.Dispatchers);
        guest.Enter(calls.Dispatchers[0]);
        guest.Vcpu.Rsi = 0xffff_ffff_0000_0003;
        Assert.True(calls.TryIdentify(guest.Vcpu, out found, out _));
        Assert.Equal("fstat", found.Name);
        guest.Vcpu.Rsi = 400;
        Assert.False(calls.TryIdentify(guest.Vcpu, out _, out _));
        guest.Vcpu.Rip += 4;
        Assert.False(calls.TryIdentify(guest.Vcpu, out _, out _));
    }

    [Theory]
    [InlineData(0, 0xffff_9999_0000_0000)]
    [InlineData(0, 0x400000)]
    [InlineData(8, SyscallGuest.Image)]
    [InlineData(16, ulong.MaxValue - 3)]
    [InlineData(24, 7)]
    [InlineData(24, 0xffff_ffff)]
    public void Metadata_that_is_not_sound_is_not_believed_and_the_list_says_so(int offset, ulong value)
    {
        var guest = new SyscallGuest(hasMetadata: true, Declarations);
        guest.Write(SyscallGuest.Metadata + (ulong)offset, value);
        var calls = guest.Read();
        Assert.Contains("openat", calls.Incomplete, StringComparison.Ordinal);
        Assert.True(calls.TryGet("openat", out var openat));
        Assert.False(openat.HasPrototype);
        Assert.True(calls.TryGet("fstat", out var fstat));
        Assert.True(fstat.HasPrototype);
    }

    [Fact]
    public void A_type_with_other_characters_or_without_an_end_is_not_believed()
    {
        foreach (var type in new[] { "in\nt", new string('x', 5000) })
        {
            var calls = new SyscallGuest(hasMetadata: true, $"openat({type} dfd)").Read();
            Assert.NotNull(calls.Incomplete);
            Assert.Equal(6, calls[0].Parameters.Count);
        }
    }

    [Fact]
    public void A_table_that_is_not_there_leaves_the_numbers_that_the_metadata_has()
    {
        var guest = new SyscallGuest(hasMetadata: true, Declarations);
        guest.Memory.Remove(new Pa((4 << 20) + SyscallGuest.Table - SyscallGuest.Image));
        var calls = guest.Read();
        Assert.Contains("sys_call_table", calls.Incomplete, StringComparison.Ordinal);
        Assert.True(calls.TryGet(3, out var fstat));
        Assert.Equal("fstat", fstat.Name);
    }
}
