// The guest's pid 1: mounts, loads modules, starts the zoo, prints the truth and rests for ever.
#define _GNU_SOURCE
#include "truth.h"
#include "common.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static char *zoo_path = "/bin/zoo";

static void mount_at(const char *type, const char *target, const char *options)
{
    mkdir(target, 0755);
    MUST(mount(type, target, type, 0, options), target);
}

static void prepare_system(void)
{
    mount_at("proc", "/proc", NULL);
    mount_at("sysfs", "/sys", NULL);
    mount_at("devtmpfs", "/dev", NULL);
    mount_at("tmpfs", "/mnt", "mode=0755");
    mkdir("/tmp", 0777);

    write_file("/proc/sys/kernel/printk", "1 1 1 1");
    write_file("/proc/sys/kernel/kptr_restrict", "0");
    // Nothing may move pages after their frames were printed.
    write_file("/proc/sys/vm/compaction_proactiveness", "0");
    write_file("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
    write_file("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", "4294967295");
}

// /modules/order names them, each after those that it needs.
static void load_modules(void)
{
    FILE *order = fopen("/modules/order", "re");
    char path[128] = "/modules/";
    while (order && fgets(path + 9, sizeof path - 9, order)) {
        path[strcspn(path, "\n")] = 0;
        int fd = MUST(open(path, O_RDONLY | O_CLOEXEC), path);
        if (syscall(SYS_finit_module, fd, "", 0))
            dprintf(2, "VMI-GUEST-ERROR can't load %s\n", path);
        close(fd);
    }
    if (order)
        fclose(order);
}

// Puts tracers on the returns of functions in which the zoo waits: a return probe, and the function graph tracer.
static void hook_returns(void)
{
    mount_at("tracefs", "/sys/kernel/tracing", NULL);
    write_file("/sys/kernel/tracing/kprobe_events", "r:vmi/pause __x64_sys_pause");
    write_file("/sys/kernel/tracing/events/vmi/pause/enable", "1");
    write_file("/sys/kernel/tracing/set_ftrace_filter", "do_nanosleep");
    write_file("/sys/kernel/tracing/current_tracer", "function_graph");
}

// Starts a program with its reports on a pipe, and waits until it says that it is ready.
static void start(const char *name, const char *path, char *const arguments[])
{
    int ends[2];
    MUST(pipe2(ends, O_CLOEXEC), "pipe2");
    pid_t pid = MUST(fork(), "fork");
    if (pid == 0) {
        setsid();
        MUST(dup2(ends[1], ReportFd), "dup2");
        // Descriptor 3 may have been the pipe's own.
        fcntl(ReportFd, F_SETFD, 0);
        execv(path, arguments);
        fail(path);
    }
    close(ends[1]);
    truth_read_reports(name, pid, ends[0]);
}

#define START(name, path, ...) start(name, path, (char *[]) { __VA_ARGS__, NULL })

// busybox knows nothing of reports: a shell says for it that it is ready.
static void start_busybox(void)
{
    static char script[] = "printf 'ready\\n' >&3; exec 3>&-; exec sleep 2147483647";
    START("sleep", "/bin/busybox", "sh", "-c", script);
    static char reader[] = "mkfifo /tmp/fifo; printf 'ready\\n' >&3; exec 3>&-; read line </tmp/fifo; echo \"$line\"";
    START("shell", "/bin/busybox", "sh", "-c", reader);
}

static void start_zoo(const char *forge, const char *spinner)
{
    // Longer than a page, and with bytes that are no UTF-8 and that a terminal would obey.
    static char longest[6000];
    memset(longest, 'l', sizeof longest - 1);
    memcpy(longest + sizeof longest - 5, "END", 3);

    START("threads", zoo_path, "/bin/zoo", "threads");
    START("headless", zoo_path, "/bin/zoo", "headless");
    START("credentials", zoo_path, "/bin/zoo", "credentials");
    START("name-brackets", zoo_path, "/bin/zoo", "name", "a b) R (c [d]", "(a) b) S [c]");
    START("name-markup", zoo_path, "/bin/zoo", "name", "[bold]x[/]", "[red]y[/] ]] [[");
    START("name-escape", zoo_path, "/bin/zoo", "name", "\x1b[31m\xff\xe2\x80\xae\n", "\x1b]0;title\x07 \xff\xfe \xe2\x80\xae end\n");
    START("name-long", zoo_path, "a name that is no path", "name", "fifteen-letters", longest, "", "last", "");
    START("title", zoo_path, "/bin/zoo", "title", "will be", "overwritten");
    START("zombie", zoo_path, "/bin/zoo", "zombie");
    START("chain", zoo_path, "/bin/zoo", "chain");
    START("stopped", zoo_path, "/bin/zoo", "stopped");
    START("deleted", "/bin/gone", "/bin/gone", "deleted");
    START("jail", zoo_path, "/bin/zoo", "jail");
    START("namespaces", zoo_path, "/bin/zoo", "namespaces");
    START("mappings", zoo_path, "/bin/zoo", "mappings");
    START("secrets", zoo_path, "/bin/zoo", "secrets");
    START("dynamic", "/bin/dynamic", "/bin/dynamic");
    START("compat", "/bin/compat", "/bin/compat", "32-bit");
    START("files", zoo_path, "/bin/zoo", "files");
    START("sockets", zoo_path, "/bin/zoo", "sockets");
    START("holder", zoo_path, "/bin/zoo", "holder");
    start_busybox();
    // Only QEMU has the serial port that it listens on.
    if (!access("/dev/vport0p2", F_OK))
        START("puppet", "/bin/puppet", "/bin/puppet");
    if (*forge)
        START("forger", zoo_path, "/bin/zoo", "forger", (char *)forge);
    if (*spinner)
        START("spinner", zoo_path, "/bin/zoo", "spinner");
}

// The value of NAME=VALUE on the kernel's command line, or "".
static void read_option(const char *name, char *value, size_t room)
{
    char line[2048] = "", *rest = line;
    int fd = MUST(open("/proc/cmdline", O_RDONLY | O_CLOEXEC), "/proc/cmdline");
    MUST(read(fd, line, sizeof line - 1), "/proc/cmdline");
    close(fd);
    *value = 0;
    for (char *word; (word = strsep(&rest, " \n"));)
        if (!strncmp(word, name, strlen(name)) && word[strlen(name)] == '=')
            snprintf(value, room, "%s", word + strlen(name) + 1);
}

int main(void)
{
    prepare_system();
    char forge[16], spinner[16], hooks[16], busy[16], exercise[16], crowd[16];
    read_option("vmi.forge", forge, sizeof forge);
    read_option("vmi.spinner", spinner, sizeof spinner);
    read_option("vmi.hooks", hooks, sizeof hooks);
    read_option("vmi.busy", busy, sizeof busy);
    read_option("vmi.exercise", exercise, sizeof exercise);
    read_option("vmi.crowd", crowd, sizeof crowd);

    load_modules();
    truth_prepare();
    if (*hooks)
        hook_returns();
    start_zoo(forge, spinner);
    if (*crowd)
        START("crowd", zoo_path, "/bin/zoo", "crowd");
    truth_wait_until_quiet();
    truth_print();
    if (*busy)
        START("busy", zoo_path, "/bin/zoo", "busy");
    if (*exercise)
        START("exercise", zoo_path, "/bin/zoo", "exercise");

    dprintf(1, "VMI-GUEST-READY\n");
    tcdrain(1);
    rest();
}
