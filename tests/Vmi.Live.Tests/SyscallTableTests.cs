using System.Globalization;
using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>
/// The system calls that Vmi finds in a guest against the symbols that the guest printed, and against the numbers that the headers of
/// this machine (asm/unistd_64.h) give to programs.
/// </summary>
public sealed class SyscallTableTests(GuestFleet fleet)
{
    private const string Header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
    private const string Define = "#define __NR_";

    // In the 64-bit table they have a number but no function; one for 32-bit programs, or a weak one, is there all the same.
    private static readonly string[] WithoutFunction = ["uselib", "set_thread_area", "get_thread_area"];

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void Every_call_has_the_function_that_the_guest_printed_and_the_number_that_programs_use(string name)
    {
        var guest = fleet[name];
        using var target = VmiTarget.Open(guest.Target);
        var session = LinuxOs.Introspect(target.Core);
        LinuxSyscalls calls;
        using (session.PauseGuard())
            calls = session.UnderlyingOs.Syscalls();
        Assert.Null(calls.Incomplete);

        Assert.All(calls, call => Assert.Equal(guest.Truth.KernelSymbol(call.Symbol), call.Handler.Value));
        var programs = calls.Where(call => call.Abi == SyscallAbi.X64).ToDictionary(call => call.Number!.Value);
        // A weak function stands for a call that was not built: it only says so, and the kernel describes none.
        var weak = guest.Truth.Symbols.Where(symbol => symbol.Type == 'W').Select(symbol => symbol.Name).ToHashSet(StringComparer.Ordinal);
        Assert.All(programs.Values, call => Assert.Equal(!weak.Contains(call.Symbol), call.HasPrototype));
        var header = ReadHeader();
        Assert.True(programs.Keys.Count(header.ContainsKey) > 330);
        foreach (var (number, call) in programs)
        {
            if (header.TryGetValue(number, out var known))
                Assert.Equal(known, call.Name);
        }

        // What is missing is what no kernel of today has.
        var symbols = guest.Truth.Symbols.Select(symbol => symbol.Name).ToHashSet(StringComparer.Ordinal);
        Assert.All(
            header.Where(each => !programs.ContainsKey(each.Key) && !WithoutFunction.Contains(each.Value)),
            each => Assert.DoesNotContain("__x64_sys_" + each.Value, symbols));
        Assert.Equal(guest.Truth.KernelSymbol("do_syscall_64"), calls.Dispatchers[0].Value);
    }

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void Parameters_are_those_of_the_kernel_s_source(string name)
    {
        using var target = VmiTarget.Open(fleet[name].Target);
        var session = LinuxOs.Introspect(target.Core);
        using var paused = session.PauseGuard();
        var calls = session.UnderlyingOs.Syscalls();
        foreach (var declaration in new[]
        {
            "openat(int dfd, const char *filename, int flags, umode_t mode)", "getpid()",
            "write(unsigned int fd, const char *buf, size_t count)",
            "execve(const char *filename, const char *const *argv, const char *const *envp)",
            "connect(int fd, struct sockaddr *uservaddr, int addrlen)",
            "mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, unsigned long off)",
        })
        {
            Assert.True(calls.TryGet(declaration.Split('(')[0], out var call));
            Assert.Equal(declaration, call.ToString());
        }
    }

    private static Dictionary<int, string> ReadHeader() => File.ReadLines(Header)
        .Where(line => line.StartsWith(Define, StringComparison.Ordinal)).Select(line => line[Define.Length..].Split(' '))
        .ToDictionary(words => int.Parse(words[1], CultureInfo.InvariantCulture), words => words[0]);
}
