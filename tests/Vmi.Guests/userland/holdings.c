// Processes that hold what the kernel can open: files of every kind, sockets of every family, mounts of their own.
#define _GNU_SOURCE
#include "zoo.h"
#include "common.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

static int open_at(const char *path, int flags)
{
    return MUST(open(path, flags, 0640), path);
}

// Bytes that are not the same in any two pages of a file.
static void write_pattern(int fd, off_t offset, size_t length)
{
    for (uint64_t block[PageSize / sizeof(uint64_t)]; length;) {
        size_t part = length < sizeof block ? length : sizeof block;
        for (size_t i = 0; i < PageSize / sizeof *block; i++)
            block[i] = (offset + i + 1) * 0x9e3779b97f4a7c15u;
        MUST(pwrite(fd, block, part, offset), "pwrite");
        offset += part;
        length -= part;
    }
}

// Content with a hole, reached by way of a link; and in pages of 2 MiB, where the kernel has such.
static void write_contents(void)
{
    int holed = open_at("holed", O_RDWR | O_CREAT | O_CLOEXEC);
    write_pattern(holed, 0, 70000);
    write_pattern(holed, 200 * PageSize, 5000);
    close(holed);
    MUST(symlink("../files/./holed", "link"), "symlink");
    MUST(mkdir("large", 0755), "mkdir");
    if (mount("tmpfs", "large", "tmpfs", 0, "huge=always"))
        MUST(mount("tmpfs", "large", "tmpfs", 0, NULL), "tmpfs");
    int large = open_at("large/pages", O_RDWR | O_CREAT | O_CLOEXEC);
    write_pattern(large, 0, (2 << 20) + 12345);
    close(large);
}

// Files of all kinds, across mounts, at positions of their own; one deleted, one with a name that a terminal would obey.
void zoo_files(void)
{
    int ends[2];
    MUST(mkdir("/mnt/files", 0755), "mkdir");
    MUST(chdir("/mnt/files"), "chdir");
    int written = open_at("written", O_RDWR | O_CREAT | O_APPEND);
    MUST(write(written, "0123456789", 10), "write");
    MUST(lseek(written, 3, SEEK_SET), "lseek");
    int far = open_at("far away", O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK);
    MUST(lseek(far, 0x123456789abLL, SEEK_SET), "lseek");
    open_at("gone", O_RDWR | O_CREAT | O_EXCL);
    MUST(unlink("gone"), "unlink");
    open_at("\x1b[31m\xff line\nfeed", O_RDONLY | O_CREAT);
    open_at(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    open_at("written", O_PATH);
    open_at("/proc/self/status", O_RDONLY);
    open_at("/sys/kernel/notes", O_RDONLY);
    open_at("/dev/null", O_WRONLY);
    open_at("/bin/zoo", O_RDONLY | O_NOFOLLOW);
    open_at("/mnt/files", O_RDWR | O_TMPFILE);
    MUST(mkfifo("fifo", 0600), "mkfifo");
    open_at("fifo", O_RDWR | O_NONBLOCK);
    MUST(pipe2(ends, O_CLOEXEC), "pipe2");
    MUST(memfd_create("in memory", MFD_CLOEXEC), "memfd_create");
    MUST(eventfd(7, EFD_NONBLOCK), "eventfd");
    MUST(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    MUST(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
    // Beyond the first word of the table's bits.
    MUST(dup2(written, 200), "dup2");
    write_contents();
    report_ready();
    rest();
}

static int bound(int family, int type, int protocol, const void *address, socklen_t length)
{
    int fd = MUST(socket(family, type, protocol), "socket");
    if (address)
        MUST(bind(fd, address, length), "bind");
    return fd;
}

static struct sockaddr_in ipv4(const char *address, int port)
{
    struct sockaddr_in made = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, address, &made.sin_addr);
    return made;
}

static struct sockaddr_in6 ipv6(const char *address, int port)
{
    struct sockaddr_in6 made = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    inet_pton(AF_INET6, address, &made.sin6_addr);
    return made;
}

static void bring_loopback_up(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK };
    int fd = bound(AF_INET, SOCK_DGRAM, 0, NULL, 0);
    MUST(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    close(fd);
}

// Listens, connects to itself, and takes the connection: three sockets. A fourth one waits to be accepted, and no process holds it.
static void hold_stream(int family, const void *address, socklen_t length)
{
    int listener = bound(family, SOCK_STREAM, 0, address, length);
    MUST(listen(listener, 5), "listen");
    int client = bound(family, SOCK_STREAM, 0, NULL, 0);
    MUST(connect(client, address, length), "connect");
    MUST(accept(listener, NULL, NULL), "accept");
    int waiting = bound(family, SOCK_STREAM, 0, NULL, 0);
    MUST(connect(waiting, address, length), "connect");
}

static void hold_inet(void)
{
    struct sockaddr_in v4 = ipv4("127.0.0.1", 4444), all = ipv4("0.0.0.0", 5353), peer = ipv4("127.0.0.1", 53);
    struct sockaddr_in6 v6 = ipv6("::1", 6666), all6 = ipv6("::", 5454), peer6 = ipv6("::1", 54);
    hold_stream(AF_INET, &v4, sizeof v4);
    hold_stream(AF_INET6, &v6, sizeof v6);
    bound(AF_INET, SOCK_DGRAM, 0, &all, sizeof all);
    MUST(connect(bound(AF_INET, SOCK_DGRAM, 0, NULL, 0), (void *)&peer, sizeof peer), "connect");
    bound(AF_INET6, SOCK_DGRAM, 0, &all6, sizeof all6);
    MUST(connect(bound(AF_INET6, SOCK_DGRAM, 0, NULL, 0), (void *)&peer6, sizeof peer6), "connect");
    // A socket of IPv6 that speaks IPv4.
    struct sockaddr_in6 mapped = ipv6("::ffff:127.0.0.1", 4444);
    MUST(connect(bound(AF_INET6, SOCK_STREAM, 0, NULL, 0), (void *)&mapped, sizeof mapped), "connect");
    bound(AF_INET, SOCK_RAW, IPPROTO_ICMP, NULL, 0);
    bound(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, NULL, 0);
    // Neither bound nor connected.
    bound(AF_INET, SOCK_STREAM, 0, NULL, 0);
}

static void hold_unix(void)
{
    struct sockaddr_un path = { AF_UNIX, "/mnt/a socket" }, abstract = { AF_UNIX, "\0abstract\0name" };
    int ends[2];
    hold_stream(AF_UNIX, &path, sizeof path);
    bound(AF_UNIX, SOCK_DGRAM, 0, &abstract, offsetof(struct sockaddr_un, sun_path) + 14);
    MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
}

// Sockets of every family, of a user of its own.
void zoo_sockets(void)
{
    bring_loopback_up();
    hold_inet();
    hold_unix();
    struct sockaddr_nl route = { .nl_family = AF_NETLINK, .nl_pid = 4711, .nl_groups = 1 };
    bound(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &route, sizeof route);
    bound(AF_PACKET, SOCK_RAW, htons(0x0003), NULL, 0);
    MUST(setresgid(1010, 1010, 1010), "setresgid");
    MUST(setresuid(1009, 1009, 1009), "setresuid");
    struct sockaddr_in other = ipv4("127.0.0.2", 7777);
    bound(AF_INET, SOCK_DGRAM, 0, &other, sizeof other);
    report_ready();
    rest();
}

// Mounts, a network and a control group of its own. Kernels may lack one of the file systems: then that mount is not there.
void zoo_holder(void)
{
    mkdir("/mnt/cgroup", 0755);
    if (mount("cgroup2", "/mnt/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0
        && mkdir("/mnt/cgroup/a group", 0755) == 0 && mkdir("/mnt/cgroup/a group/inner", 0755) == 0) {
        char pid[16];
        snprintf(pid, sizeof pid, "%d", getpid());
        write_file("/mnt/cgroup/a group/inner/cgroup.procs", pid);
    }
    MUST(unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS), "unshare");
    MUST(mkdir("/mnt/held", 0755), "mkdir");
    MUST(mount("a source", "/mnt/held", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, "size=1m"), "mount");
    MUST(mkdir("/mnt/held/with space\n", 0755), "mkdir");
    MUST(mount("/mnt", "/mnt/held/with space\n", NULL, MS_BIND, NULL), "bind");
    MUST(mount(NULL, "/mnt/held/with space\n", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), "remount");
    MUST(mkdir("/mnt/held/shared", 0755), "mkdir");
    MUST(mount("shared", "/mnt/held/shared", "tmpfs", 0, NULL), "mount");
    MUST(mount(NULL, "/mnt/held/shared", NULL, MS_SHARED, NULL), "share");
    MUST(mkdir("/mnt/held/slave", 0755), "mkdir");
    MUST(mount("/mnt/held/shared", "/mnt/held/slave", NULL, MS_BIND, NULL), "bind");
    MUST(mount(NULL, "/mnt/held/slave", NULL, MS_SLAVE, NULL), "enslave");
    bring_loopback_up();
    struct sockaddr_in inside = ipv4("127.0.0.1", 8888);
    MUST(listen(bound(AF_INET, SOCK_STREAM, 0, &inside, sizeof inside), 1), "listen");
    open_at("/mnt/held/file", O_RDWR | O_CREAT);
    MUST(setenv("VMI_HOLDER", "a value", 1), "setenv");
    report_ready();
    rest();
}
