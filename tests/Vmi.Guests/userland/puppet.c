// The guest's puppet: sleeps until the host sends a line on the second virtio serial port, and answers each with one line (`ok …` or
// `error …`) or with `ok LINES n` and n more.
//
//   start PROGRAM [ARGUMENTS]   a child that waits    -> ok PID key=value…
//   go PID [ARGUMENTS]          it runs               -> what it did
//   run PID [ARGUMENTS]         the same, not awaited -> ok
//   wait PID                    what `run` did
//   stop PID                    it ends               -> ok …
//   kill PID                    it is ended, whatever it does -> ok
//   poweroff | reboot | panic                         -> ok, then the guest does
#define _GNU_SOURCE
#include "puppet.h"
#include "answer.h"
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MaximumChildren = 16, MaximumWords = 32, LongestCommand = 1024 };

static const struct program *const programs[] = {
    &program_calls, &program_writes, &program_loop, &program_steps, &program_busy, &program_unmapped, &program_exec, &program_modules,
};

static struct child { pid_t pid; int in; FILE *out; } children[MaximumChildren];
static FILE *host_in, *host_out;

int split(char *line, char *words[], int room)
{
    int count = 0;
    for (char *word; (word = strsep(&line, " \n"));)
        if (*word && count < room)
            words[count++] = word;
    return count;
}

// The child's life: waits for `go` with descriptors 0 and 1 only, until `stop`.
static _Noreturn void serve(const struct program *program, int count, char *words[])
{
    static char line[LongestCommand];
    answer_prepare();
    program->prepare(count, words);
    for (ssize_t length; (length = read(0, line, sizeof line - 1)) > 0;) {
        line[length] = 0;
        count = split(line, words, MaximumWords);
        if (count && !strcmp(words[0], "stop"))
            break;
        program->run(count, words);
    }
    if (program->stop)
        program->stop();
    else
        answer("ok");
    _exit(0);
}

// Takes leave of a child that has ended or is about to; returns how it ended.
static int bury(struct child *child)
{
    int status = 0;
    close(child->in);
    fclose(child->out);
    waitpid(child->pid, &status, 0);
    child->pid = 0;
    return status;
}

// Hands a child's next answer on. False if it was an error; false also, and the child is buried, if it ended instead.
static bool relay(struct child *child)
{
    static char *line;
    static size_t room;
    if (getline(&line, &room, child->out) <= 0) {
        pid_t pid = child->pid;
        int status = bury(child);
        if (WIFSIGNALED(status))
            fprintf(host_out, "error %d was ended by signal %d\n", pid, WTERMSIG(status));
        else
            fprintf(host_out, "error %d ended with status %d\n", pid, WEXITSTATUS(status));
        return false;
    }
    bool is_ok = !strncmp(line, "ok", 2);
    unsigned lines = 0;
    sscanf(line, "ok LINES %u", &lines);
    do
        fputs(line, host_out);
    while (lines-- && getline(&line, &room, child->out) > 0);
    return is_ok;
}

static void start(int count, char *words[])
{
    const struct program *program = NULL;
    for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++)
        if (count && !strcmp(words[0], programs[i]->name))
            program = programs[i];
    struct child *child = children;
    while (child < children + MaximumChildren && child->pid)
        child++;
    if (!program || child == children + MaximumChildren) {
        fprintf(host_out, "error %s\n", program ? "there are too many children" : "there is no such program");
        return;
    }

    int in[2], out[2];
    MUST(pipe2(in, O_CLOEXEC), "pipe2");
    MUST(pipe2(out, O_CLOEXEC), "pipe2");
    child->pid = MUST(fork(), "fork");
    if (child->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close_range(3, ~0u, 0);
        prctl(PR_SET_NAME, program->name);
        serve(program, count, words);
    }
    close(in[0]);
    close(out[1]);
    child->in = in[1];
    child->out = fdopen(out[0], "r");
    if (!relay(child) && child->pid)
        bury(child);
}

// Sends a child the rest of a command; false and an error if it is gone.
static bool tell(struct child *child, int count, char *words[])
{
    char line[LongestCommand] = "";
    for (int i = 0; i < count; i++)
        strcat(strcat(line, i ? " " : ""), words[i]);
    if (write(child->in, line, strlen(line)) > 0)
        return true;
    // What it answered last says how it ended.
    relay(child);
    return false;
}

static void command_child(const char *command, struct child *child, int count, char *words[])
{
    char *go[MaximumWords] = { "go" }, *stop[] = { "stop" };
    memcpy(go + 1, words, count * sizeof *words);
    if (!strcmp(command, "go")) {
        if (tell(child, count + 1, go))
            relay(child);
    } else if (!strcmp(command, "run")) {
        if (tell(child, count + 1, go))
            fputs("ok\n", host_out);
    } else if (!strcmp(command, "wait"))
        relay(child);
    else if (!strcmp(command, "stop")) {
        if (tell(child, 1, stop) && (relay(child) || child->pid))
            bury(child);
    } else if (!strcmp(command, "kill")) {
        kill(child->pid, SIGKILL);
        bury(child);
        fputs("ok\n", host_out);
    } else
        fprintf(host_out, "error there is no command %s\n", command);
}

// Ends the whole guest, after an answer.
static bool end_guest(const char *command)
{
    bool power_off = !strcmp(command, "poweroff"), restart = !strcmp(command, "reboot"), panic = !strcmp(command, "panic");
    if (!power_off && !restart && !panic)
        return false;
    fputs("ok\n", host_out);
    fflush(host_out);
    if (panic)
        write_file("/proc/sysrq-trigger", "c");
    else
        reboot(power_off ? RB_POWER_OFF : RB_AUTOBOOT);
    return true;
}

static void obey(int count, char *words[])
{
    if (count == 0)
        fputs("error an empty command\n", host_out);
    else if (!strcmp(words[0], "start"))
        start(count - 1, words + 1);
    else if (!end_guest(words[0])) {
        pid_t pid = count > 1 ? atoi(words[1]) : 0;
        struct child *child = children;
        while (child < children + MaximumChildren && (child->pid != pid || !pid))
            child++;
        if (child < children + MaximumChildren)
            command_child(words[0], child, count - 2, words + 2);
        else
            fprintf(host_out, "error no such command, or no such child\n");
    }
    fflush(host_out);
}

int main(void)
{
    static char line[LongestCommand];
    signal(SIGPIPE, SIG_IGN);
    // One opening serves both ways: the port takes no second one.
    int port = MUST(open("/dev/vport0p2", O_RDWR | O_CLOEXEC), "/dev/vport0p2");
    host_in = fdopen(port, "r");
    host_out = fdopen(MUST(fcntl(port, F_DUPFD_CLOEXEC, 0), "dup"), "w");
    report_ready();

    for (;;) {
        if (fgets(line, sizeof line - MaximumWords, host_in)) {
            char *words[MaximumWords];
            int count = split(line, words, MaximumWords - 2);
            obey(count, words);
        } else {
            // No host is connected.
            clearerr(host_in);
            usleep(100000);
        }
    }
}
