// The zoo: `zoo MODE [ARGUMENTS]`. Small modes are here, those with a story of their own in files of their own.
#define _GNU_SOURCE
#include "zoo.h"
#include "common.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t settled;

static void *worker(void *name)
{
    pthread_setname_np(pthread_self(), name);
    pthread_barrier_wait(&settled);
    rest();
}

static void start_workers(char *names[], unsigned count)
{
    pthread_barrier_init(&settled, NULL, count + 1);
    for (unsigned i = 0; i < count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker, names[i]))
            fail("pthread_create");
    }
    pthread_barrier_wait(&settled);
}

static void zoo_threads(void)
{
    char *names[] = { "worker one", "worker-two", "worker/3", "wor[ker]4" };
    start_workers(names, 4);
    report_ready();
    rest();
}

// The leader has ended, one of its threads lives on: the thread group stays, led by a zombie.
static void zoo_headless(void)
{
    char *names[] = { "left-behind" };
    start_workers(names, 1);
    report_ready();
    pthread_exit(NULL);
}

// Real, effective and saved ids that all differ.
static void zoo_credentials(void)
{
    gid_t groups[] = { 1000, 1003 };
    MUST(setgroups(2, groups), "setgroups");
    MUST(setresgid(1000, 1001, 1002), "setresgid");
    MUST(setresuid(1000, 1001, 1002), "setresuid");
    report_ready();
    rest();
}

static void zoo_name(const char *name)
{
    MUST(prctl(PR_SET_NAME, name), "PR_SET_NAME");
    report_ready();
    rest();
}

// Writes over its own arguments, as daemons do to show a title.
static void zoo_title(int count, char *arguments[])
{
    char *last = arguments[count - 1];
    size_t length = last + strlen(last) + 1 - arguments[0];
    memset(arguments[0], 0, length);
    strncpy(arguments[0], "zoo: a title", length - 1);
    report_ready();
    rest();
}

static void zoo_zombie(void)
{
    pid_t child = MUST(fork(), "fork");
    if (child == 0)
        _exit(7);
    siginfo_t info;
    MUST(waitid(P_PID, child, &info, WEXITED | WNOWAIT), "waitid");
    report_ready();
    rest();
}

// Three generations; the youngest says that all are there.
static void zoo_chain(void)
{
    char *names[] = { "chain-1", "chain-2", "chain-3" };
    unsigned depth = 0;
    while (depth < 2 && MUST(fork(), "fork") == 0)
        depth++;
    MUST(prctl(PR_SET_NAME, names[depth]), "PR_SET_NAME");
    if (depth == 2)
        report_ready();
    close(ReportFd);
    rest();
}

static void *crowd_thread(void *unused)
{
    (void)unused;
    rest();
    return NULL;
}

// 200 processes of 10 threads each. The small stacks are there so that they fit in a small guest.
static void zoo_crowd(void)
{
    enum { Processes = 200, ThreadsEach = 10, StackSize = 64 << 10 };
    int ends[2];
    char told;
    MUST(pipe2(ends, O_CLOEXEC), "pipe2");
    for (unsigned i = 0; i < Processes; i++) {
        if (MUST(fork(), "fork") == 0) {
            pthread_attr_t small;
            pthread_t thread;
            pthread_attr_init(&small);
            pthread_attr_setstacksize(&small, StackSize);
            for (unsigned n = 1; n < ThreadsEach; n++)
                if (pthread_create(&thread, &small, crowd_thread, NULL))
                    fail("pthread_create");
            MUST(write(ends[1], "", 1), "write");
            close(ReportFd);
            rest();
        }
        // One after the other: a thousand that start at once make the guest's CPU wait for itself.
        MUST(read(ends[0], &told, 1), "read");
    }
    report_ready();
    rest();
}

static void zoo_stopped(void)
{
    report_ready();
    raise(SIGSTOP);
    rest();
}

// Runs from a file that is gone.
static void zoo_deleted(const char *self)
{
    unlink(self);
    report_ready();
    rest();
}

// Another root, another working directory within it.
static void zoo_jail(void)
{
    MUST(mkdir("/mnt/jail", 0755), "mkdir");
    MUST(mkdir("/mnt/jail/cell", 0755), "mkdir");
    MUST(chroot("/mnt/jail"), "chroot");
    MUST(chdir("/cell"), "chdir");
    report_ready();
    rest();
}

// A child that is pid 1 in a pid namespace of its own, with mounts and a host name of its own.
static void zoo_namespaces(void)
{
    MUST(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS), "unshare");
    if (MUST(fork(), "fork") == 0) {
        MUST(prctl(PR_SET_NAME, "inside"), "PR_SET_NAME");
        report_ready();
    }
    close(ReportFd);
    rest();
}

// Never leaves user mode by itself, so that one vCPU is always caught there. No `pause`: it would leave QEMU's inner loop.
static void zoo_spinner(void)
{
    cpu_set_t last;
    CPU_ZERO(&last);
    CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &last);
    MUST(sched_setaffinity(0, sizeof last, &last), "sched_setaffinity");
    report_page("code", zoo_spinner);
    report_ready();
    for (;;)
        __asm__ volatile("");
}

int main(int count, char *arguments[])
{
    const char *mode = count > 1 ? arguments[1] : "";
    const char *option = count > 2 ? arguments[2] : "";

    if (!strcmp(mode, "threads"))
        zoo_threads();
    else if (!strcmp(mode, "headless"))
        zoo_headless();
    else if (!strcmp(mode, "credentials"))
        zoo_credentials();
    else if (!strcmp(mode, "name"))
        zoo_name(option);
    else if (!strcmp(mode, "title"))
        zoo_title(count, arguments);
    else if (!strcmp(mode, "zombie"))
        zoo_zombie();
    else if (!strcmp(mode, "chain"))
        zoo_chain();
    else if (!strcmp(mode, "stopped"))
        zoo_stopped();
    else if (!strcmp(mode, "deleted"))
        zoo_deleted(arguments[0]);
    else if (!strcmp(mode, "jail"))
        zoo_jail();
    else if (!strcmp(mode, "namespaces"))
        zoo_namespaces();
    else if (!strcmp(mode, "crowd"))
        zoo_crowd();
    else if (!strcmp(mode, "spinner"))
        zoo_spinner();
    else if (!strcmp(mode, "mappings"))
        zoo_mappings();
    else if (!strcmp(mode, "secrets"))
        zoo_secrets();
    else if (!strcmp(mode, "forger"))
        zoo_forger(option);
    else if (!strcmp(mode, "busy"))
        zoo_busy();
    else if (!strcmp(mode, "files"))
        zoo_files();
    else if (!strcmp(mode, "sockets"))
        zoo_sockets();
    else if (!strcmp(mode, "holder"))
        zoo_holder();
    else if (!strcmp(mode, "nothing"))
        return 0;
    else if (!strcmp(mode, "exercise"))
        zoo_exercise();

    dprintf(2, "VMI-GUEST-ERROR no such mode: %s\n", mode);
    return 2;
}
