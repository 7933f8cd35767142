#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fail(const char *what)
{
    dprintf(2, "VMI-GUEST-ERROR pid %d: %s: %s\n", getpid(), what, strerror(errno));
    exit(1);
}

void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    if (write(fd, text, strlen(text)) < 0)
        dprintf(2, "can't write %s: %s\n", path, strerror(errno));
    close(fd);
}

void report_page(const char *name, const void *address)
{
    dprintf(ReportFd, "page %s %lx\n", name, (unsigned long)address);
}

void report_text(const char *name, const char *encoding, const void *address, size_t length)
{
    dprintf(ReportFd, "text %s %s %lx %zu\n", name, encoding, (unsigned long)address, length);
}

void report_ready(void)
{
    dprintf(ReportFd, "ready\n");
    close(ReportFd);
}

void rest(void)
{
    for (;;)
        pause();
}
