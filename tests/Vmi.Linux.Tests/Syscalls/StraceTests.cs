using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Vmi.Linux.Tests.Syscalls;

/// <summary>
/// What strace(1) says of the calls of a real program against what the decoder makes of the same registers and the same memory, which
/// the program (calls.c) writes down.
/// </summary>
public sealed partial class StraceTests
{
    private static readonly string[] Declarations =
    [
        "openat(int dfd, const char * filename, int flags, umode_t mode)", "open(const char * filename, int flags, umode_t mode)",
        "read(unsigned int fd, char * buf, size_t count)", "pread64(unsigned int fd, char * buf, size_t count, loff_t pos)",
        "lseek(unsigned int fd, loff_t offset, unsigned int whence)",
        "readv(unsigned long fd, const struct iovec * vec, unsigned long vlen)",
        "close(unsigned int fd)", "access(const char * filename, int mode)", "faccessat(int dfd, const char * filename, int mode)",
        "memfd_create(const char * uname, unsigned int flags)", "write(unsigned int fd, const char * buf, size_t count)",
        "writev(unsigned long fd, const struct iovec * vec, unsigned long vlen)", "ftruncate(unsigned int fd, unsigned long length)",
        "fcntl(unsigned int fd, unsigned int cmd, unsigned long arg)", "flock(unsigned int fd, unsigned int cmd)",
        "fallocate(int fd, int mode, loff_t offset, loff_t len)",
        "mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, unsigned long off)",
        "mprotect(unsigned long start, size_t len, unsigned long prot)", "madvise(unsigned long start, size_t len_in, int behavior)",
        "mremap(unsigned long addr, unsigned long old_len, unsigned long new_len, unsigned long flags, unsigned long new_addr)",
        "munmap(unsigned long addr, size_t len)", "pipe2(int * fildes, int flags)",
        "dup3(unsigned int oldfd, unsigned int newfd, int flags)",
        "dup2(unsigned int oldfd, unsigned int newfd)", "mkdirat(int dfd, const char * pathname, umode_t mode)",
        "unlinkat(int dfd, const char * pathname, int flag)",
        "renameat2(int olddfd, const char * oldname, int newdfd, const char * newname, unsigned int flags)",
        "linkat(int olddfd, const char * oldname, int newdfd, const char * newname, int flags)",
        "readlink(const char * path, char * buf, int bufsiz)",
        "utimensat(int dfd, const char * filename, struct __kernel_timespec * utimes, int flags)",
        "fchownat(int dfd, const char * filename, uid_t user, gid_t group, int flag)",
        "socketpair(int family, int type, int protocol, int * usockvec)",
        "sendto(int fd, void * buff, size_t len, unsigned int flags, struct sockaddr * addr, int addr_len)",
        "recvfrom(int fd, void * ubuf, size_t size, unsigned int flags, struct sockaddr * addr, int * addr_len)",
        "shutdown(int fd, int how)",
        "socket(int family, int type, int protocol)", "bind(int fd, struct sockaddr * umyaddr, int addrlen)",
        "getsockname(int fd, struct sockaddr * usockaddr, int * usockaddr_len)",
        "connect(int fd, struct sockaddr * uservaddr, int addrlen)",
        "setsockopt(int fd, int level, int optname, char * optval, int optlen)",
        "accept4(int fd, struct sockaddr * upeer_sockaddr, int * upeer_addrlen, int flags)",
        "nanosleep(struct __kernel_timespec * rqtp, struct __kernel_timespec * rmtp)",
        "clock_gettime(const clockid_t which_clock, struct __kernel_timespec * tp)",
        "clock_nanosleep(const clockid_t which_clock, int flags, const struct __kernel_timespec * rqtp, struct __kernel_timespec * rmtp)",
        "poll(struct pollfd * ufds, unsigned int nfds, int timeout_msecs)", "epoll_create1(int flags)",
        "epoll_ctl(int epfd, int op, int fd, struct epoll_event * event)",
        "epoll_wait(int epfd, struct epoll_event * events, int maxevents, int timeout)",
        "rt_sigprocmask(int how, sigset_t * nset, sigset_t * oset, size_t sigsetsize)", "kill(pid_t pid, int sig)",
        "tgkill(pid_t tgid, pid_t pid, int sig)",
        "futex(u32 * uaddr, int op, int val, const struct __kernel_timespec * utime, u32 * uaddr2, int val3)",
        "wait4(pid_t upid, int * stat_addr, int options, struct rusage * ru)",
        "getrandom(char * ubuf, size_t len, unsigned int flags)", "umask(int mask)",
        "execve(const char * filename, const char *const * argv, const char *const * envp)", "getpid()",
        "getcwd(char * buf, unsigned long size)", "chdir(const char * filename)",
    ];

    [Fact]
    public void Calls_are_written_as_strace_writes_them()
    {
        var folder = Directory.CreateTempSubdirectory("vmi-strace-");
        try
        {
            var (program, record) = (Path.Combine(folder.FullName, "calls"), Path.Combine(folder.FullName, "record"));
            HostProgram.Run("gcc", "-static", "-no-pie", "-w", "-o", program, Path.Combine(AppContext.BaseDirectory, "calls.c"));
            var trace = HostProgram.Run("strace", "-v", "-s", "32", program, record).Error;
            var expected = trace.Split('\n').SkipWhile(line => !line.Contains("\"/etc/passwd\"", StringComparison.Ordinal)).Select(Plain);
            var decoded = Decode(File.ReadAllBytes(record)).Select(Plain).ToArray();
            Assert.True(decoded.Length > 70);
            Assert.Equal(expected.Take(decoded.Length), decoded);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<string> Decode(byte[] record)
    {
        var guest = new SyscallGuest(hasMetadata: true, Declarations);
        var calls = guest.Read();
        var decoder = new SyscallDecoder(calls);
        var numbers = MemoryMarshal.Cast<byte, ulong>(record.AsSpan(0, 24)).ToArray();
        Assert.Equal(SyscallGuest.User, numbers[2]);
        guest.Write(SyscallGuest.User, record.AsSpan(24));
        var lines = new List<string>();
        for (var i = 0; i < (int)numbers[0]; i++)
        {
            // The program's record of a call: number, six arguments, result.
            var entry = MemoryMarshal.Cast<byte, ulong>(record.AsSpan(24 + (int)(numbers[1] - numbers[2]) + 64 * i, 64)).ToArray();
            Assert.True(calls.TryGet(NameOf((int)entry[0]), out var syscall));
            guest.Enter(syscall.Handler, entry.AsSpan(1, 6));
            var call = decoder.Decode(guest.State)!;
            decoder.DecodeResult(call, guest.State, (long)entry[7]);
            lines.Add(call.ToString());
        }

        return lines;
    }

    private static string NameOf(int number) => Names.Value[number];

    private static readonly Lazy<Dictionary<int, string>> Names = new(() =>
        HostProgram.Run("gcc", "-dM", "-E", "-include", "asm/unistd_64.h", "-x", "c", "/dev/null").Output.Split('\n')
            .Select(line => line.Split(' '))
            .Where(words => words is [_, ['_', '_', 'N', 'R', '_', ..], _] && char.IsAsciiDigit(words[2][0]))
            .ToDictionary(words => int.Parse(words[2], CultureInfo.InvariantCulture), words => words[1][5..]));

    /// <summary>
    /// Without what strace adds: padding, comments, the words of an error, the length before the call, and octal for what is UTF-8. The
    /// decoder's own comments go too.
    /// </summary>
    private static string Plain(string line) => Additions().Replace(line, "").Replace("[128 => ", "[", StringComparison.Ordinal)
        .Replace("\\303\\274", "ü", StringComparison.Ordinal);

    [GeneratedRegex(@" /\*.*?\*/|(?<=\)) +(?= = )|(?<= = -1 E[A-Z]+) \(.*\)| \(Timeout\)")]
    private static partial Regex Additions();
}
