// `calls [ROUNDS]`: rounds of a fixed sequence of system calls whose arguments depend on the round; answers the exact list.
#define _GNU_SOURCE
#include "puppet.h"
#include "answer.h"
#include "record.h"
#include "common.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MostRounds = 2000, ContentLength = 256 };

static unsigned long rounds;
static char folder[32], existing[48];

static void prepare(int count, char *words[])
{
    rounds = number_of(count, words, 1, 10, MostRounds);
    snprintf(folder, sizeof folder, "/mnt/calls-%d", getpid());
    snprintf(existing, sizeof existing, "%s/existing", folder);
    MUST(mkdir(folder, 0755), folder);
    uint8_t content[ContentLength];
    for (unsigned i = 0; i < ContentLength; i++)
        content[i] = i;
    int fd = MUST(open(existing, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), existing);
    MUST(write(fd, content, sizeof content), existing);
    close(fd);
    record_prepare();
    answer("ok %d rounds=%lu folder=%s", getpid(), rounds, folder);
}

static void close_call(long fd)
{
    CALL(close, fd);
}

static void call_files(unsigned long round)
{
    char path[64], data[64];
    long fd = CALL(openat, AT_FDCWD, (long)existing, O_RDONLY | O_CLOEXEC, 0);
    record_text("path", "%s", existing);
    CALL(lseek, fd, round % ContentLength, SEEK_SET);
    long length = CALL(read, fd, (long)data, 1 + round % 32);
    record_bytes("data", data, length);
    length = CALL(pread64, fd, (long)data, sizeof data, 2 * round % ContentLength);
    record_bytes("data", data, length);
    close_call(fd);

    snprintf(path, sizeof path, "%s/missing %lu", folder, round);
    CALL(openat, AT_FDCWD, (long)path, O_RDWR | O_NOFOLLOW, 0);
    record_text("path", "%s", path);
    // A path that can't be read.
    CALL(openat, AT_FDCWD, 8, O_RDONLY, 0);

    fd = CALL(openat, AT_FDCWD, (long)"/dev/null", O_WRONLY, 0);
    record_text("path", "/dev/null");
    length = snprintf(data, sizeof data, "round %lu\n\x1b[31m\x01", round);
    CALL(write, fd, (long)data, length);
    record_bytes("data", data, length);
    close_call(fd);
}

static void call_names(unsigned long round)
{
    char path[64];
    snprintf(path, sizeof path, "%s/new-%lu", folder, round);
    long fd = CALL(openat, AT_FDCWD, (long)path, O_WRONLY | O_CREAT | O_EXCL, 0600 | round % 64);
    record_text("path", "%s", path);
    close_call(fd);
    for (unsigned i = 0; i < 2; i++) {
        CALL(unlink, (long)path);
        record_text("path", "%s", path);
    }
    snprintf(path, sizeof path, "%s/folder-%lu", folder, round);
    CALL(mkdir, (long)path, 0700 | round % 64);
    record_text("path", "%s", path);
    CALL(rmdir, (long)path);
    record_text("path", "%s", path);
}

static void call_memory(unsigned long round)
{
    size_t length = (1 + round % 4) * PageSize;
    long address = CALL(mmap, 0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(mprotect, address, length, PROT_READ);
    CALL(munmap, address, length);
}

static void call_sockets(unsigned long round)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    snprintf(local.sun_path, sizeof local.sun_path, "%s/socket-%lu", folder, round);
    long fd = CALL(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CALL(connect, fd, (long)&local, sizeof local);
    record_text("unix", "%s", local.sun_path);
    close_call(fd);

    struct sockaddr_in remote = { .sin_family = AF_INET, .sin_port = htons(1024 + round) };
    remote.sin_addr.s_addr = htonl(0x7f000000 | (1 + round));
    fd = CALL(socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CALL(connect, fd, (long)&remote, sizeof remote);
    record_text("inet", "127.0.%lu.%lu:%lu", (1 + round) >> 8, (1 + round) & 0xff, 1024 + round);
    close_call(fd);
}

static void call_descriptors(unsigned long round)
{
    int ends[2];
    CALL(pipe2, (long)ends, O_CLOEXEC);
    record_text("pipe", "%d,%d", ends[0], ends[1]);
    long copy = CALL(dup, ends[1]);
    CALL(fcntl, copy, F_SETFD, FD_CLOEXEC);
    long high = CALL(fcntl, ends[0], F_DUPFD, 100 + round % 100);
    CALL(fcntl, high, F_GETFL, 0);
    close_call(high);
    close_call(copy);
    close_call(ends[1]);
    close_call(ends[0]);
    // It is closed already.
    close_call(ends[0]);
}

static void call_processes(unsigned long round)
{
    struct timespec pause = { 0, 1000000 + round };
    CALL(nanosleep, (long)&pause, 0);
    record_text("time", "%ld.%09ld", pause.tv_sec, pause.tv_nsec);

    // The child has no list.
    long fork[6] = { SIGCHLD }, code = round % 100, child = raw_call(SYS_clone, fork);
    if (child == 0)
        raw_call(SYS_exit_group, (long[6]) { code });
    record_made("clone", child, 5, fork);
    record_foreign(child, "exit_group", code);
    int status = 0;
    CALL(wait4, child, (long)&status, 0, 0);
    record_text("status", "0x%x", status);
}

static void run(int count, char *words[])
{
    (void)count, (void)words;
    record_begin();
    for (unsigned long round = 1; round <= rounds; round++) {
        CALL(getpid);
        call_files(round);
        call_names(round);
        call_memory(round);
        call_sockets(round);
        call_descriptors(round);
        call_processes(round);
    }
    record_answer();
}

const struct program program_calls = { "calls", prepare, run, NULL };
