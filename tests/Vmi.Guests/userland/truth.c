#define _GNU_SOURCE
#include "truth.h"
#include "section.h"
#include "common.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <termios.h>
#include <unistd.h>

enum { MaximumReports = 256, WarmHeap = 1 << 20 };

// What a process told of itself: where something is in its memory.
struct report { pid_t pid; bool is_text; char name[24], encoding[8]; unsigned long address; size_t length; };

static struct report reports[MaximumReports];
static unsigned report_count;
static struct { pid_t pid; char name[24]; } zoo[64];
static unsigned zoo_count;

void truth_prepare(void)
{
    section_prepare();
    // A heap that has grown once and never shrinks nor goes elsewhere serves every later allocation.
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, WarmHeap * 2);
    free(malloc(WarmHeap));
}

void truth_read_reports(const char *name, pid_t pid, int fd)
{
    snprintf(zoo[zoo_count].name, sizeof zoo[0].name, "%s", name);
    zoo[zoo_count++].pid = pid;

    FILE *in = fdopen(fd, "r");
    char line[256];
    bool ready = false;
    while (!ready && fgets(line, sizeof line, in)) {
        struct report report = { .pid = pid };
        ready = !strcmp(line, "ready\n");
        if (sscanf(line, "page %23s %lx", report.name, &report.address) == 2)
            reports[report_count++] = report;
        else if (sscanf(line, "text %23s %7s %lx %zu", report.name, report.encoding, &report.address, &report.length) == 4) {
            report.is_text = true;
            reports[report_count++] = report;
        }
        if (report_count == MaximumReports)
            fail("too many reports");
    }
    fclose(in);
    if (!ready)
        dprintf(2, "VMI-GUEST-ERROR %s did not come up\n", name);
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
    return atoi((*a)->d_name) - atoi((*b)->d_name);
}

static int is_number(const struct dirent *entry)
{
    return isdigit(entry->d_name[0]);
}

static int numbers_in(const char *directory, struct dirent ***entries)
{
    return MUST(scandir(directory, entries, is_number, by_number), directory);
}

static void free_entries(struct dirent **entries, int count)
{
    while (count--)
        free(entries[count]);
    free(entries);
}

static bool is_role(pid_t pid, const char *name)
{
    for (unsigned i = 0; i < zoo_count; i++)
        if (zoo[i].pid == pid)
            return !strcmp(zoo[i].name, name);
    return false;
}

// True if a process runs that is neither this one nor the spinner.
static bool is_busy(const char *pid)
{
    char path[64], stat[512];
    snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, stat, sizeof stat - 1);
    close(fd);
    stat[length > 0 ? length : 0] = 0;
    char *end = strrchr(stat, ')');
    return end && end[2] == 'R' && atoi(pid) != getpid() && !is_role(atoi(pid), "spinner");
}

void truth_wait_until_quiet(void)
{
    bool busy;
    do {
        usleep(100000);
        struct dirent **entries;
        int count = numbers_in("/proc", &entries);
        busy = false;
        for (int i = 0; i < count; i++)
            busy |= is_busy(entries[i]->d_name);
        free_entries(entries, count);
    } while (busy);
}

static void collect_descriptors(const char *pid)
{
    // Reading them opens some in this process: those are left out.
    if (atoi(pid) == getpid())
        return;
    char path[64];
    snprintf(path, sizeof path, "/proc/%.16s/fd", pid);
    struct dirent **descriptors;
    int count = scandir(path, &descriptors, is_number, by_number);
    if (count < 0)
        return;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/proc/%.16s/fd/%.16s", pid, descriptors[i]->d_name);
        section_link(path);
        snprintf(path, sizeof path, "/proc/%.16s/fdinfo/%.16s", pid, descriptors[i]->d_name);
        section_file(path);
    }
    free_entries(descriptors, count);
}

// The sockets of the network that most live in, and of the one that the zoo's holder has for itself.
static void collect_network(const char *pid)
{
    static const char *const files[] = { "tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix", "netlink", "packet" };
    if (atoi(pid) != getpid() && !is_role(atoi(pid), "holder"))
        return;
    char path[64];
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%.16s/net/%s", pid, files[i]);
        section_file(path);
    }
}

static void collect_process(const char *pid)
{
    static const char *const files[] = { "stat", "status", "cmdline", "comm", "maps", "environ", "mountinfo", "cgroup" },
        *const links[] = {
            "exe", "cwd", "root", "ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/pid_for_children", "ns/time",
            "ns/time_for_children", "ns/user", "ns/uts",
        };
    char path[64];
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%.16s/%s", pid, files[i]);
        section_file(path);
    }
    for (unsigned i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(path, sizeof path, "/proc/%.16s/%s", pid, links[i]);
        section_link(path);
    }

    collect_descriptors(pid);
    collect_network(pid);
    snprintf(path, sizeof path, "/proc/%.16s/task", pid);
    struct dirent **threads;
    int count = numbers_in(path, &threads);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/proc/%.16s/task/%.16s/stat", pid, threads[i]->d_name);
        section_file(path);
        snprintf(path, sizeof path, "/proc/%.16s/task/%.16s/comm", pid, threads[i]->d_name);
        section_file(path);
        // The count of context switches first: while it stays the same, so does the stack.
        snprintf(path, sizeof path, "/proc/%.16s/task/%.16s/status", pid, threads[i]->d_name);
        section_file(path);
        snprintf(path, sizeof path, "/proc/%.16s/task/%.16s/stack", pid, threads[i]->d_name);
        section_file(path);
        snprintf(path, sizeof path, "/proc/%.16s/task/%.16s/syscall", pid, threads[i]->d_name);
        section_file(path);
    }
    free_entries(threads, count);
}

static uint64_t read_word(const char *path, off_t index)
{
    uint64_t word = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, &word, sizeof word, index * sizeof word) != sizeof word)
        dprintf(2, "VMI-GUEST-ERROR can't read %s\n", path);
    close(fd);
    return word;
}

// pid name address frame|absent kernel-page-flags
static void collect_page(const struct report *report)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/pagemap", report->pid);
    uint64_t entry = read_word(path, report->address / PageSize), frame = entry & ((1ul << 55) - 1);
    section_format("%d %s 0x%lx ", report->pid, report->name, report->address & -(unsigned long)PageSize);
    if (entry >> 63)
        section_format("0x%lx 0x%lx\n", frame, read_word("/proc/kpageflags", frame));
    else
        section_format("absent 0x0\n");
}

// pid name encoding address bytes-in-hex
static void collect_text(const struct report *report)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", report->pid);
    int fd = MUST(open(path, O_RDONLY | O_CLOEXEC), path);
    section_format("%d %s %s 0x%lx ", report->pid, report->name, report->encoding, report->address);
    for (size_t i = 0; i < report->length; i++) {
        uint8_t byte;
        if (pread(fd, &byte, 1, report->address + i) != 1)
            fail(path);
        section_format("%02x", byte);
    }
    section_append("\n", 1);
    close(fd);
}

// The log as `dmesg` shows it, and record by record with sequence number and microseconds.
static void collect_log(void)
{
    static char log[1 << 20];
    int length = MUST(klogctl(3, log, sizeof log), "klogctl");
    section_begin("dmesg");
    section_append(log, length);

    int fd = MUST(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), "/dev/kmsg");
    section_begin("dev/kmsg");
    ssize_t size;
    while ((size = read(fd, log, sizeof log)) > 0)
        section_append(log, size);
    close(fd);
}

// What a slow console has time for: of many symbols one, and those that tests name.
static void collect_some_symbols(void)
{
    enum { Step = 64 };
    static const char *const wanted[] = { " _text\n", " linux_banner\n", " init_task\n" };
    FILE *symbols = fopen("/proc/kallsyms", "re");
    char line[512];
    section_begin("proc/kallsyms");
    for (unsigned n = 0; symbols && fgets(line, sizeof line, symbols); n++) {
        bool is_wanted = n % Step == 0;
        for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++)
            is_wanted |= strstr(line, wanted[i]) != NULL;
        if (is_wanted)
            section_append(line, strlen(line));
    }
    if (symbols)
        fclose(symbols);
}

static void collect(bool is_slow)
{
    static const char *const files[] = {
        "/proc/version", "/proc/cmdline", "/proc/modules", "/proc/iomem", "/proc/cpuinfo", "/proc/meminfo", "/proc/mounts",
        "/proc/sys/kernel/osrelease", "/proc/sys/kernel/random/boot_id", "/sys/kernel/notes", "/sys/kernel/vmcoreinfo",
    };
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
        section_file(files[i]);
    if (is_slow)
        collect_some_symbols();
    else {
        section_file("/proc/kallsyms");
        section_file("/sys/kernel/btf/vmlinux");
        section_file("/sys/kernel/btf/dm_mod");
        section_file("/mnt/files/link");
        section_file("/mnt/files/large/pages");
        section_file("/bin/dynamic");
    }

    section_begin("zoo");
    for (unsigned i = 0; i < zoo_count; i++)
        section_format("%d %s\n", zoo[i].pid, zoo[i].name);
    section_begin("pages");
    for (unsigned i = 0; i < report_count; i++)
        if (!reports[i].is_text)
            collect_page(&reports[i]);
    section_begin("texts");
    for (unsigned i = 0; i < report_count; i++)
        if (reports[i].is_text)
            collect_text(&reports[i]);

    struct dirent **entries;
    int count = numbers_in("/proc", &entries);
    for (int i = 0; i < count; i++)
        collect_process(entries[i]->d_name);
    free_entries(entries, count);

    section_file("/proc/uptime");
    collect_log();
}

// Bytes as they are: no line feed becomes two.
static int open_raw_console(void)
{
    int fd = MUST(open("/dev/hvc0", O_WRONLY | O_NOCTTY | O_CLOEXEC), "/dev/hvc0");
    struct termios settings;
    MUST(tcgetattr(fd, &settings), "tcgetattr");
    cfmakeraw(&settings);
    MUST(tcsetattr(fd, TCSADRAIN, &settings), "tcsetattr");
    return fd;
}

void truth_print(void)
{
    // A virtio serial port of its own: the emulated UART takes seconds for what this takes in one, and carries kernel messages too.
    // Xen has its console, whose log is a file of dom0; it takes 16 bytes at a time.
    bool is_slow = access("/dev/vport0p1", F_OK) < 0;
    collect(is_slow);
    // Not before: an open port counts among the uses of its module.
    int fd = is_slow ? open_raw_console() : MUST(open("/dev/vport0p1", O_WRONLY | O_CLOEXEC), "/dev/vport0p1");
    section_print_all(fd);
    close(fd);
}
