using System.Text;

namespace Vmi.Linux.Tests.Syscalls;

/// <summary>The values of calls whose memory is laid out by hand, as the headers of Linux say.</summary>
public sealed class SyscallDecoderTests
{
    private readonly SyscallGuest _guest = new(
        hasMetadata: true,
        "openat(int dfd, const char * filename, int flags, umode_t mode)",
        "read(unsigned int fd, char * buf, size_t count)",
        "write(unsigned int fd, const char * buf, size_t count)",
        "execve(const char * filename, const char *const * argv, const char *const * envp)",
        "connect(int fd, struct sockaddr * uservaddr, int addrlen)",
        "accept(int fd, struct sockaddr * upeer_sockaddr, int * upeer_addrlen)",
        "writev(unsigned long fd, const struct iovec * vec, unsigned long vlen)",
        "readv(unsigned long fd, const struct iovec * vec, unsigned long vlen)",
        "sendmsg(int fd, struct user_msghdr * msg, unsigned int flags)",
        "clone(unsigned long clone_flags, unsigned long newsp, int * parent_tidptr, int * child_tidptr, unsigned long tls)",
        "wait4(pid_t upid, int * stat_addr, int options, struct rusage * ru)",
        "lseek(unsigned int fd, loff_t offset, unsigned int whence)",
        "capget(cap_user_header_t header, const size_t dataptr)",
        "epoll_wait(int epfd, struct epoll_event * events, int maxevents, int timeout)");

    private readonly LinuxSyscalls _calls;
    private readonly SyscallDecoder _decoder;

    public SyscallDecoderTests()
    {
        _calls = _guest.Read();
        Assert.Null(_calls.Incomplete);
        _decoder = new SyscallDecoder(_calls);
    }

    [Fact]
    public void A_path_is_text_and_the_mode_is_there_only_if_a_file_may_be_made()
    {
        var path = _guest.PutText("/tmp/\"ü\"\n\\");
        var call = Enter("openat", unchecked((ulong)-100), path, 0x80000, 0xdead);
        Assert.Equal("""openat(AT_FDCWD, "/tmp/\"ü\"\n\\", O_RDONLY|O_CLOEXEC)""", call.ToString());
        var argument = call.Arguments[1];
        Assert.Equal(("/tmp/\"ü\"\n\\", SyscallValueKind.Path, path), (argument.Content, argument.Kind, argument.Value));
        Return(call, -2);
        Assert.Equal(("-1 ENOENT", "ENOENT", -2L), (call.ResultText, call.Error, call.Result));
        call = Enter("openat", 5, _guest.PutText("x"), 0x42, 0xffff_0000_0000_01a4);
        Return(call, 3);
        Assert.Equal("""openat(5, "x", O_RDWR|O_CREAT, 0644) = 3""", call.ToString());
        Assert.Null(call.Error);
    }

    [Theory]
    [InlineData(0UL, "NULL", false)]
    [InlineData(0x10UL, "0x10 /* not in memory */", true)]
    [InlineData(SyscallGuest.UserEnd, "0x600000 /* not in memory */", true)]
    [InlineData(SyscallGuest.Image, "0xffffffff9a000000 /* not in memory */", true)]
    [InlineData(0x0040_0000_0040_0000UL, "0x40000000400000 /* not in memory */", true)]
    [InlineData(ulong.MaxValue, "0xffffffffffffffff /* not in memory */", true)]
    public void An_address_that_leads_nowhere_is_shown_as_one_and_nothing_is_made_up(ulong address, string text, bool isMissing)
    {
        var call = Enter("openat", 3, address, 0);
        Assert.Equal((text, null, isMissing), (call.Arguments[1].Text, call.Arguments[1].Content, call.Arguments[1].IsMissing));
        Assert.Equal((text, isMissing), Enter("execve", 1, address).Arguments[1] is var array ? (array.Text, array.IsMissing) : default);
        Assert.Equal(text, Enter("writev", 1, address, 3).Arguments[1].Text);
        Assert.Equal(text, Enter("connect", 1, address, 16).Arguments[1].Text);
        Assert.Equal(text, Enter("sendmsg", 1, address).Arguments[1].Text);
        Assert.Equal(text, Enter("write", 1, address, 5).Arguments[1].Text);
    }

    [Fact]
    public void A_string_that_runs_into_what_is_not_there_says_so()
    {
        _guest.Write(SyscallGuest.UserEnd - 3, "abc"u8);
        var call = Enter("openat", 3, SyscallGuest.UserEnd - 3, 0);
        Assert.Equal("\"abc\"... /* the rest is not in memory */", call.Arguments[1].Text);
        Assert.True(call.Arguments[1].IsMissing);
        // One that ends with the page is whole.
        _guest.Write(SyscallGuest.UserEnd - 3, "ab\0"u8);
        call = Enter("openat", 3, SyscallGuest.UserEnd - 3, 0);
        Assert.Equal(("\"ab\"", false), (call.Arguments[1].Text, call.Arguments[1].IsMissing));
    }

    [Fact]
    public void A_string_without_end_is_cut()
    {
        var text = _guest.Put([.. Enumerable.Repeat((byte)'x', 10000)]);
        var call = Enter("openat", 3, text, 0);
        Assert.Equal($"\"{new string('x', 4096)}\"...", call.Arguments[1].Text);
    }

    [Fact]
    public void What_is_written_is_shown_at_the_entry_what_is_read_at_the_return()
    {
        var buffer = _guest.Put([.. Encoding.ASCII.GetBytes("0123456789"), 0, 1, (byte)'2', 0xff, .. new byte[100]]);
        Assert.Equal("write(1, \"0123456789\\0\\0012\\377\", 14)", Enter("write", 1, buffer, 14).ToString());
        Assert.EndsWith("\\0\"..., 4294967296)", Enter("write", 1, buffer, 1UL << 32).ToString(), StringComparison.Ordinal);
        var call = Enter("read", 1, buffer, 100);
        Assert.Equal($"read(1, 0x{buffer:x}, 100)", call.ToString());
        Return(call, 4);
        Assert.Equal("read(1, \"0123\", 100) = 4", call.ToString());
        // A result beyond the buffer's size is the kernel's lie.
        call = Enter("read", 1, buffer, 2);
        Return(call, 4000);
        Assert.Equal("read(1, \"01\", 2) = 4000", call.ToString());
        call = Enter("read", 1, buffer, 2);
        Return(call, -14);
        Assert.Equal($"read(1, 0x{buffer:x}, 2) = -1 EFAULT", call.ToString());
    }

    [Fact]
    public void Arrays_of_strings_end_with_their_null_pointer_or_with_the_bound()
    {
        var (one, two) = (_guest.PutText("one"), _guest.PutText("two words"));
        var array = _guest.PutWords(one, two, 0x10, 0);
        Assert.Equal("""["one", "two words", 0x10 /* not in memory */]""", Enter("execve", one, array, 0).Arguments[1].Text);
        var endless = _guest.PutWords([.. Enumerable.Repeat(one, 100)]);
        var text = Enter("execve", one, endless, 0).Arguments[1].Text;
        Assert.Equal("[" + string.Concat(Enumerable.Repeat("\"one\", ", 32)) + "...]", text);
        // The array's end is the last thing that is there.
        _guest.Write(SyscallGuest.UserEnd - 16, one);
        _guest.Write(SyscallGuest.UserEnd - 8, 0);
        var last = Enter("execve", one, SyscallGuest.UserEnd - 16, 0).Arguments[1];
        Assert.Equal(("[\"one\"]", false), (last.Text, last.IsMissing));
        _guest.Write(SyscallGuest.UserEnd - 8, two);
        last = Enter("execve", one, SyscallGuest.UserEnd - 16, 0).Arguments[1];
        Assert.Equal(("[\"one\", \"two words\", ... /* the rest is not in memory */]", true), (last.Text, last.IsMissing));
    }

    [Fact]
    public void Socket_addresses_of_the_families_that_matter()
    {
        Check("{sa_family=AF_UNIX, sun_path=\"/run/s\"}", [1, 0, .. "/run/s\0rest"u8]);
        Check("{sa_family=AF_UNIX, sun_path=@\"a\\0b\"}", [1, 0, 0, .. "a\0b"u8]);
        Check("{sa_family=AF_UNIX}", [1, 0]);
        Check("{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"10.0.0.1\")}", [2, 0, 0, 80, 10, 0, 0, 1, .. new byte[8]]);
        Check("{sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(1), inet_pton(AF_INET6, \"fe80::2\", &sin6_addr),"
            + " sin6_scope_id=7}", [10, 0, 1, 187, 0, 0, 0, 1, 0xfe, 0x80, .. new byte[13], 2, 7, 0, 0, 0]);
        Check("{sa_family=AF_NETLINK, nl_pid=9, nl_groups=0000000f}", [16, 0, 0, 0, 9, 0, 0, 0, 15, 0, 0, 0]);
        Check("{sa_family=AF_INET, sa_data=\"\\0P\"}", [2, 0, 0, 80]);
        Check("{sa_family=40000, sa_data=\"x\"}", [0x40, 0x9c, (byte)'x']);

        void Check(string text, byte[] bytes)
        {
            var at = _guest.Put(bytes);
            Assert.Equal($"connect(3, {text}, {bytes.Length})", Enter("connect", 3, at, (ulong)bytes.Length).ToString());
            var length = _guest.PutWords((ulong)bytes.Length);
            var call = Enter("accept", 3, at, length);
            Return(call, 4);
            Assert.Equal($"accept(3, {text}, [{bytes.Length}]) = 4", call.ToString());
        }
    }

    [Fact]
    public void Vectors_show_what_was_transferred()
    {
        var (one, two) = (_guest.PutText("one"), _guest.PutText("second"));
        var vectors = _guest.PutWords(one, 3, two, 6);
        Assert.Equal(
            "writev(1, [{iov_base=\"one\", iov_len=3}, {iov_base=\"second\", iov_len=6}], 2)", Enter("writev", 1, vectors, 2).ToString());
        var call = Enter("readv", 1, vectors, 2);
        Return(call, 5);
        Assert.Equal("readv(1, [{iov_base=\"one\", iov_len=3}, {iov_base=\"se\", iov_len=6}], 2) = 5", call.ToString());
        var endless = Enter("writev", 1, vectors, ulong.MaxValue).Arguments[1].Text;
        Assert.EndsWith(", ...]", endless, StringComparison.Ordinal);
        var message = _guest.PutWords(0, 0, vectors, 1, 0, 0, 0);
        Assert.Equal(
            "sendmsg(1, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"one\", iov_len=3}], msg_iovlen=1, msg_controllen=0,"
            + " msg_flags=0}, MSG_MORE)", Enter("sendmsg", 1, message, 0x8000).ToString());
    }

    [Fact]
    public void Numbers_have_the_sign_and_width_of_their_type()
    {
        Assert.Equal("lseek(-1, -5, SEEK_SET)", Enter("lseek", 0xffff_ffff, unchecked((ulong)-5), 0xf_0000_0000).ToString());
        Assert.Equal("lseek(3, 5, 9)", Enter("lseek", 3, 5, 9).ToString());
        Assert.Equal("capget(0x1234, 18446744073709551615)", Enter("capget", 0x1234, ulong.MaxValue).ToString());
        Assert.Equal("clone(SIGCHLD|CLONE_VM|CLONE_VFORK, 0, NULL, NULL, 0)", Enter("clone", 0x4111).ToString());
        Assert.Equal("CLONE_CLEAR_SIGHAND|0x8000000000000000", Enter("clone", 0x8000_0001_0000_0000).Arguments[0].Text);
    }

    [Fact]
    public void A_child_s_status_and_events_are_decoded_at_the_return()
    {
        var status = _guest.PutWords(0x0300);
        Assert.Equal("[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]", Wait(status, 7));
        _guest.Write(status, 0x8b);
        Assert.Equal("[{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}]", Wait(status, 7));
        _guest.Write(status, 0x137f);
        Assert.Equal("[{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}]", Wait(status, 7));
        Assert.Equal($"0x{status:x}", Wait(status, 0));
        var events = _guest.Put([.. BitConverter.GetBytes(0x80000001), .. BitConverter.GetBytes(5L), .. new byte[12]]);
        var call = Enter("epoll_wait", 3, events, 10, unchecked((ulong)-1));
        Return(call, 1);
        Assert.Equal("epoll_wait(3, [{events=EPOLLIN|EPOLLET, data={u32=5, u64=5}}], 10, -1) = 1", call.ToString());

        string Wait(ulong at, long result)
        {
            var wait = Enter("wait4", unchecked((ulong)-1), at, 1, 0);
            Return(wait, result);
            return wait.Arguments[1].Text;
        }
    }

    [Fact]
    public void A_32_bit_program_has_its_own_registers_and_pointers_of_4_bytes()
    {
        Assert.True(_calls.TryGet("execve", out var execve, SyscallAbi.Ia32));
        var text = _guest.PutText("one");
        var array = _guest.Put([.. BitConverter.GetBytes((uint)text), 0, 0, 0, 0]);
        // bx, cx and dx of the fake's pt_regs.
        _guest.Enter(execve.Handler);
        _guest.Write(SyscallGuest.Registers, 0xffff_ffff_0000_0000 | text);
        _guest.Write(SyscallGuest.Registers + 56, array);
        _guest.Write(SyscallGuest.Registers + 24, 0);
        _guest.Refresh();
        var call = _decoder.Decode(_guest.State, execve, new Va(SyscallGuest.Registers));
        Assert.Equal("execve(\"one\", [\"one\"], NULL)", call!.ToString());
    }

    [Fact]
    public void Registers_that_are_not_there_give_no_call()
    {
        Assert.True(_calls.TryGet("openat", out var openat));
        _guest.Enter(openat.Handler);
        foreach (var address in new ulong[] { 0, SyscallGuest.User, 0xffff_9999_0000_0000, ulong.MaxValue - 8 })
        {
            _guest.Vcpu.Rdi = address;
            Assert.Null(_decoder.Decode(_guest.State));
        }
    }

    [Fact]
    public void Whatever_registers_and_memory_hold_decoding_ends_and_its_text_is_bounded()
    {
        var random = new Random(1);
        var pointers = new ulong[64];
        for (var round = 0; round < 20000; round++)
        {
            if (round % 100 == 0)
            {
                for (var i = 0; i < pointers.Length; i++)
                    pointers[i] = SyscallGuest.User + (ulong)random.Next(0x1000) + (random.Next(4) == 0 ? 0x1ff000UL : 0);
                for (var at = SyscallGuest.User; at < SyscallGuest.User + 0x2000; at += 8)
                    _guest.Write(at, Value());
                for (var at = SyscallGuest.UserEnd - 0x1000; at < SyscallGuest.UserEnd; at += 8)
                    _guest.Write(at, Value());
            }

            var syscall = _calls[random.Next(_calls.Count)];
            _guest.Enter(syscall.Handler, Value(), Value(), Value(), Value(), Value(), Value());
            var call = _decoder.Decode(_guest.State, syscall, new Va(SyscallGuest.Registers))!;
            _decoder.DecodeResult(call, _guest.State, (long)Value());
            // 32 strings of 4096 bytes, each in octal, twice.
            Assert.InRange(call.ToString().Length, 1, 2 * 33 * 4 * 4200);
        }

        ulong Value() => random.Next(5) switch
        {
            0 => (ulong)random.Next(64),
            1 => ulong.MaxValue - (ulong)random.Next(64),
            2 => (ulong)random.NextInt64(),
            _ => pointers[random.Next(pointers.Length)],
        };
    }

    private SyscallCall Enter(string name, params ReadOnlySpan<ulong> arguments)
    {
        Assert.True(_calls.TryGet(name, out var syscall));
        _guest.Enter(syscall.Handler, arguments);
        return _decoder.Decode(_guest.State)!;
    }

    private void Return(SyscallCall call, long result)
    {
        _guest.Refresh();
        _decoder.DecodeResult(call, _guest.State, result);
    }
}
