// `unmapped`: a page of code that is called, protected, unmapped and mapped again as the host says, and one of a file that was never
// touched. `go PID WORD…` with the words call, touch, protect, allow, unmap, map, in their order.
#define _GNU_SOURCE
#include "puppet.h"
#include "answer.h"
#include "common.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { Everything = PROT_READ | PROT_WRITE | PROT_EXEC };

// lea 1(%rdi), %rax; ret
static const uint8_t code[] = { 0x48, 0x8d, 0x47, 0x01, 0xc3 };
static uint8_t *page, *untouched;

static void map_page(void)
{
    int fixed = page ? MAP_FIXED_NOREPLACE : 0;
    page = MUST(mmap(page, PageSize, Everything, MAP_PRIVATE | MAP_ANONYMOUS | fixed, -1, 0), "mmap");
    memcpy(page, code, sizeof code);
}

static void prepare(int count, char *words[])
{
    (void)count, (void)words;
    map_page();
    char path[48];
    snprintf(path, sizeof path, "/mnt/unmapped-%d", getpid());
    int fd = MUST(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0755), path);
    MUST(write(fd, code, sizeof code), path);
    MUST(ftruncate(fd, PageSize), path);
    untouched = MUST(mmap(NULL, PageSize, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0), "mmap");
    close(fd);
    answer("ok %d page=%p untouched=%p", getpid(), page, untouched);
}

static void run(int count, char *words[])
{
    long value = 0;
    for (int i = 1; i < count; i++) {
        if (!strcmp(words[i], "call"))
            value = ((long (*)(long))page)(value);
        else if (!strcmp(words[i], "touch"))
            value = ((long (*)(long))untouched)(value);
        else if (!strcmp(words[i], "protect"))
            MUST(mprotect(page, PageSize, PROT_NONE), "mprotect");
        else if (!strcmp(words[i], "allow"))
            MUST(mprotect(page, PageSize, Everything), "mprotect");
        else if (!strcmp(words[i], "unmap"))
            MUST(munmap(page, PageSize), "munmap");
        else if (!strcmp(words[i], "map"))
            map_page();
        else
            answer_error("there is no %s", words[i]);
    }
    answer("ok calls=%ld", value);
}

const struct program program_unmapped = { "unmapped", prepare, run, NULL };
