#define _GNU_SOURCE
#include "section.h"
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ArenaSize = 96 << 20, MaximumRead = 1 << 20, MaximumSections = 65536 };

static struct section { char name[64]; size_t start, length; } *sections;
static unsigned count;
static char *arena;
static size_t used;

void section_prepare(void)
{
    arena = MUST(mmap(NULL, ArenaSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), "mmap");
    sections = MUST(mmap(NULL, MaximumSections * sizeof *sections, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), "mmap");
}

void section_begin(const char *name, ...)
{
    if (count == MaximumSections)
        fail("too many sections");
    struct section *section = &sections[count++];
    section->start = used;
    section->length = 0;
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(section->name, sizeof section->name, name, arguments);
    va_end(arguments);
}

static void grow(size_t length)
{
    used += length;
    sections[count - 1].length += length;
}

void section_append(const void *data, size_t length)
{
    if (length > ArenaSize - used)
        fail("the truth is too long");
    memcpy(arena + used, data, length);
    grow(length);
}

void section_format(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    section_append(line, length);
}

void section_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    section_begin("%s", path + 1);
    // Files below /proc/sys refuse to be read with a larger buffer than the kernel can allocate at once.
    size_t room;
    ssize_t length = 0;
    while ((room = ArenaSize - used) > 0 && (length = read(fd, arena + used, room < MaximumRead ? room : MaximumRead)) > 0)
        grow(length);
    // A process may end meanwhile.
    if (length < 0 && errno != ESRCH)
        fail(path);
    close(fd);
}

void section_link(const char *path)
{
    char target[PageSize];
    ssize_t length = readlink(path, target, sizeof target);
    if (length < 0)
        return;
    section_begin("%s", path + 1);
    section_append(target, length);
}

static void print(int fd, const char *data, size_t length)
{
    while (length) {
        ssize_t part = MUST(write(fd, data, length), "printing the truth");
        data += part;
        length -= part;
    }
}

void section_print_all(int fd)
{
    section_begin("end");
    for (unsigned i = 0; i < count; i++) {
        char header[96];
        print(fd, header, snprintf(header, sizeof header, "@@ %s %zu\n", sections[i].name, sections[i].length));
        print(fd, arena + sections[i].start, sections[i].length);
        print(fd, "\n", 1);
    }
}
