// Keeps the kernel busy for ever, in many ways at once: a CPU stopped at any moment is mostly in the kernel.
#define _GNU_SOURCE
#include "zoo.h"
#include "common.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Page faults, and the making and ending of mappings.
static void fault(void)
{
    enum { Length = 64 * PageSize };
    char *memory = MUST(mmap(NULL, Length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), "mmap");
    for (unsigned i = 0; i < Length; i += PageSize)
        memory[i] = 1;
    munmap(memory, Length);
}

// Code that prints as it reads, with much depth.
static void read_files(void)
{
    static const char *const files[] = { "/proc/self/maps", "/proc/self/status", "/proc/meminfo", "/proc/self/stack" };
    char buffer[PageSize];
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        int fd = open(files[i], O_RDONLY | O_CLOEXEC);
        while (read(fd, buffer, sizeof buffer) > 0)
            ;
        close(fd);
    }
}

static void fork_and_wait(void)
{
    if (MUST(fork(), "fork") == 0)
        _exit(0);
    wait(NULL);
}

// Timers, and the scheduler.
static void nap(void)
{
    nanosleep(&(struct timespec) { .tv_nsec = 50000 }, NULL);
}

static void write_file_there(void)
{
    int fd = MUST(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), "/tmp");
    char buffer[PageSize] = "";
    for (unsigned i = 0; i < 64; i++)
        MUST(write(fd, buffer, sizeof buffer), "write");
    close(fd);
}

void zoo_busy(void)
{
    static void (*const works[])(void) = { fault, read_files, fork_and_wait, nap, write_file_there };
    for (unsigned i = 0; i < sizeof works / sizeof *works; i++)
        if (MUST(fork(), "fork") == 0)
            for (;;)
                works[i]();
    report_ready();
    rest();
}
