// `exec COUNT PATH [ARGUMENTS]` runs a program again and again; `modules NAME [COUNT]` loads and unloads a module of /modules.
#define _GNU_SOURCE
#include "puppet.h"
#include "answer.h"
#include "record.h"
#include "common.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MostArguments = 24, MostTurns = 1000 };

static unsigned long turns;
static char *arguments[MostArguments + 2], round_argument[24];
static int argument_count;

static void exec_prepare(int count, char *words[])
{
    turns = number_of(count, words, 1, 1, MostTurns);
    if (count < 3 || count - 2 > MostArguments)
        answer_error("exec wants COUNT PATH [ARGUMENTS]");
    for (int i = 2; i < count; i++)
        arguments[argument_count++] = strdup(words[i]);
    // The last argument tells one time from another.
    arguments[argument_count] = round_argument;
    answer("ok %d turns=%lu path=%s", getpid(), turns, arguments[0]);
}

// Each line: PID \t STATUS \t ARGUMENT…
static void exec_run(int count, char *words[])
{
    (void)count, (void)words;
    lines_begin();
    for (unsigned long turn = 1; turn <= turns; turn++) {
        snprintf(round_argument, sizeof round_argument, "round-%lu", turn);
        pid_t child = MUST(vfork(), "vfork");
        if (child == 0) {
            execve(arguments[0], arguments, (char *[]) { "PUPPET=1", NULL });
            _exit(127);
        }
        int status;
        MUST(waitpid(child, &status, 0), "waitpid");
        lines_format("%d\t%d", child, status);
        for (int i = 0; i <= argument_count; i++)
            lines_format("\t%s", arguments[i]);
        lines_format("\n");
    }
    lines_answer();
}

static char module[64], module_path[96];
static void *image;
static size_t image_length;

static void modules_prepare(int count, char *words[])
{
    if (count < 2)
        answer_error("modules wants NAME [COUNT]");
    turns = number_of(count, words, 2, 1, MostTurns);
    snprintf(module, sizeof module, "%s", words[1]);
    snprintf(module_path, sizeof module_path, "/modules/%s.ko", module);
    int fd = open(module_path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status))
        answer_error("there is no %s", module_path);
    image_length = status.st_size;
    image = MUST(mmap(NULL, image_length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0), module_path);
    close(fd);
    record_prepare();
    answer("ok %d turns=%lu path=%s", getpid(), turns, module_path);
}

// In turn from a file and from memory.
static void modules_run(int count, char *words[])
{
    (void)count, (void)words;
    record_begin();
    for (unsigned long turn = 0; turn < turns; turn++) {
        if (turn % 2 == 0) {
            long fd = CALL(openat, AT_FDCWD, (long)module_path, O_RDONLY | O_CLOEXEC, 0);
            record_text("path", "%s", module_path);
            CALL(finit_module, fd, (long)"", 0);
            record_text("module", "%s", module);
            CALL(close, fd);
        } else {
            CALL(init_module, (long)image, image_length, (long)"");
            record_text("module", "%s", module);
        }
        CALL(delete_module, (long)module, O_NONBLOCK);
        record_text("module", "%s", module);
    }
    record_answer();
}

const struct program program_exec = { "exec", exec_prepare, exec_run, NULL };
const struct program program_modules = { "modules", modules_prepare, modules_run, NULL };
