// Makes system calls of fixed values, one after the other, and then writes each call's numbers and all its own data to a file.
// Each call has buffers of its own, so that what they hold at the end is what they held when it returned.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/random.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct { long number, a[6], result; } calls[128];
static int count;
static char text[64] = "plain \"text\"\n\t\\ \001\0012 \377 and much more of it, beyond the bound";
static char in[8][64];
static struct sockaddr_un abstract = { AF_UNIX, "\0vmi-strace-test" }, named = { AF_UNIX, "/nonexistent/socket" };
static struct sockaddr_in inet = { AF_INET, 0x901f, { 0x0100007f } };
static struct sockaddr_in6 inet6 = { AF_INET6, 0x901f, 7, { { { 0xfe, 0x80, [15] = 1 } } }, 0x999 };
static struct sockaddr_storage names[4];
static socklen_t lengths[4] = { 128, 128, 128, 128 };
static int pair[2], pair2[2];
static struct iovec gather[2] = { { text, 5 }, { text + 6, 40 } }, scatter[2] = { { in[2], 3 }, { in[3], 60 } };
static struct timespec nap = { 0, 1000 }, clock_now, times[2] = { { 1, 2 }, { 3, 4 } };
static struct pollfd polled[2] = { { 4, POLLRDHUP, 0 }, { 4, POLLIN | POLLPRI, 0 } };
static struct epoll_event event = { EPOLLIN | EPOLLET, { .u64 = 0x1234 } }, events[4];
static unsigned long set = 1ul << (SIGINT - 1) | 1ul << (SIGCHLD - 1), old_set;
static int word, one = 1, status;
static char *argv[] = { "program", "an argument", NULL }, *envp[] = { "A=1", NULL };
static struct msghdr message = { &inet, sizeof inet, gather, 2, NULL, 0, 0 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
    long result = syscall(number, a, b, c, d, e, f);
    calls[count].number = number;
    calls[count].result = result == -1 ? -errno : result;
    long values[] = { a, b, c, d, e, f };
    memcpy(calls[count++].a, values, sizeof values);
    return result;
}

#define CALL6(name, a, b, c, d, e, f, ...) call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL(name, ...) CALL6(name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)

int main(int n, char **v) {
    char *file = v[1];
    long fd = CALL(openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC);
    CALL(read, fd, in[0], 40);
    CALL(pread64, fd, in[1], 8, 0);
    CALL(lseek, fd, -5, SEEK_END);
    CALL(readv, fd, scatter, 2);
    CALL(close, fd);
    CALL(openat, AT_FDCWD, "/nonexistent/\303\274", O_RDWR | O_CREAT | O_EXCL, 0640);
    CALL(open, "/nonexistent", O_WRONLY | O_TRUNC | O_SYNC | O_NOFOLLOW);
    CALL(openat, -1, "x", O_RDWR | O_TMPFILE, 0600);
    CALL(access, "/etc", R_OK | X_OK);
    CALL(faccessat, AT_FDCWD, "/nonexistent", F_OK);
    fd = CALL(memfd_create, "memory", 3);
    CALL(write, fd, text, 64);
    CALL(write, fd, "short", 5);
    CALL(write, fd, 0x10, 5);
    CALL(writev, fd, gather, 2);
    CALL(ftruncate, fd, 100);
    CALL(fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK);
    CALL(fcntl, fd, F_SETFD, FD_CLOEXEC);
    CALL(fcntl, fd, F_GETFD);
    CALL(fcntl, fd, F_DUPFD_CLOEXEC, 20);
    CALL(fcntl, fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    CALL(flock, fd, LOCK_EX | LOCK_NB);
    CALL(fallocate, fd, FALLOC_FL_KEEP_SIZE, 0, 10);
    long map = CALL(mmap, NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(mprotect, map, 4096, PROT_NONE);
    CALL(madvise, map, 4096, MADV_DONTNEED);
    CALL(mremap, map, 8192, 4096, MREMAP_MAYMOVE);
    CALL(munmap, map, 4096);
    CALL(mmap, NULL, 4096, PROT_READ, MAP_SHARED, fd, 0x1000);
    CALL(pipe2, pair, O_CLOEXEC | O_NONBLOCK);
    CALL(dup3, fd, 30, O_CLOEXEC);
    CALL(dup2, fd, 31);
    CALL(mkdirat, AT_FDCWD, "/nonexistent/d", 0755);
    CALL(unlinkat, AT_FDCWD, "/nonexistent/d", AT_REMOVEDIR);
    CALL(renameat2, AT_FDCWD, "/nonexistent/a", -3, "b", 1);
    CALL(linkat, AT_FDCWD, "/nonexistent/a", AT_FDCWD, "b", AT_SYMLINK_FOLLOW);
    CALL(readlink, "/proc/self/exe", in[4], 4);
    CALL(utimensat, AT_FDCWD, "/nonexistent/a", times, AT_SYMLINK_NOFOLLOW);
    CALL(fchownat, AT_FDCWD, "/nonexistent/a", -1, 5, AT_EMPTY_PATH);
    CALL(socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair2);
    CALL(sendto, pair2[0], text, 12, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
    CALL(recvfrom, pair2[1], in[5], 64, MSG_PEEK, NULL, NULL);
    CALL(shutdown, pair2[0], SHUT_WR);
    long s = CALL(socket, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    CALL(bind, s, &abstract, offsetof(struct sockaddr_un, sun_path) + 16);
    CALL(getsockname, s, &names[0], &lengths[0]);
    CALL(connect, s, &named, sizeof named);
    CALL(close, s);
    CALL(socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CALL(socket, AF_NETLINK, SOCK_RAW, 15);
    CALL(connect, -1, &inet, sizeof inet);
    CALL(connect, -1, &inet6, sizeof inet6);
    CALL(setsockopt, -1, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(accept4, -1, NULL, NULL, SOCK_CLOEXEC);
    CALL(nanosleep, &nap, NULL);
    CALL(clock_gettime, CLOCK_MONOTONIC, &clock_now);
    CALL(clock_nanosleep, CLOCK_REALTIME, 0, &nap, NULL);
    CALL(fcntl, fd, F_GETFL);
    CALL(poll, polled, 2, 0);
    long e = CALL(epoll_create1, EPOLL_CLOEXEC);
    CALL(epoll_ctl, e, EPOLL_CTL_ADD, pair2[0], &event);
    CALL(epoll_wait, e, events, 4, 0);
    CALL(rt_sigprocmask, SIG_BLOCK, &set, &old_set, 8);
    CALL(kill, 0, 0);
    CALL(tgkill, -1, 5, SIGUSR1);
    CALL(futex, &word, FUTEX_WAKE_PRIVATE, 1);
    CALL(futex, &word, FUTEX_WAIT, 9, &nap);
    CALL(wait4, -1, &status, WNOHANG | __WALL, NULL);
    CALL(getrandom, in[6], 0, GRND_NONBLOCK);
    CALL(umask, 022);
    CALL(umask, 0);
    CALL(execve, "/nonexistent/program", argv, envp);
    CALL(getpid, 0);
    CALL(getcwd, in[7], 64);
    CALL(chdir, 0x10);
    // The image of the program, page by page: a page that is not mapped is written as zeros.
    FILE *out = fopen(file, "wb");
    int memory = open("/proc/self/mem", O_RDONLY);
    extern char __executable_start[], _end[];
    fwrite(&(long[]){ count, (long)calls, (long)__executable_start }, 24, 1, out);
    for (char *page = __executable_start; page < _end; page += 4096) {
        char copy[4096] = { 0 };
        pread(memory, copy, 4096, (long)page);
        fwrite(copy, 4096, 1, out);
    }
    fclose(out);
    return 0;
}
