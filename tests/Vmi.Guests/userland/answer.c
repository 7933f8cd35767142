#define _GNU_SOURCE
#include "answer.h"
#include "common.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { Room = 48 << 20, LongestHeader = 64 };

static char *lines;
static size_t used;

void answer_prepare(void)
{
    lines = MUST(mmap(NULL, Room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), "mmap");
    // A child that a program makes has no use for them, and copying their page tables takes longer the more there are.
    MUST(madvise(lines, Room, MADV_DONTFORK), "madvise");
}

static void write_all(const char *text, size_t length)
{
    while (length) {
        ssize_t part = write(1, text, length);
        if (part < 0)
            _exit(1);
        text += part;
        length -= part;
    }
}

static void answer_line(const char *format, va_list arguments)
{
    char line[PageSize];
    size_t length = vsnprintf(line, sizeof line - 1, format, arguments);
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    line[length] = '\n';
    write_all(line, length + 1);
}

void answer(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer_line(format, arguments);
    va_end(arguments);
}

void answer_error(const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    answer("error %s", text);
    _exit(1);
}

void lines_begin(void)
{
    used = LongestHeader;
}

void lines_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t length = vsnprintf(lines + used, Room - used, format, arguments);
    va_end(arguments);
    if (length >= Room - used)
        answer_error("the answer is too long");
    used += length;
}

void lines_answer(void)
{
    unsigned count = 0;
    for (size_t i = LongestHeader; i < used; i++)
        count += lines[i] == '\n';
    // Right before the lines, so that all leaves at once.
    char header[LongestHeader];
    int length = snprintf(header, sizeof header, "ok LINES %u\n", count);
    memcpy(lines + LongestHeader - length, header, length);
    write_all(lines + LongestHeader - length, used - LongestHeader + length);
}

unsigned long number_of(int count, char *words[], int index, unsigned long otherwise, unsigned long most)
{
    if (index >= count)
        return otherwise;
    char *end;
    unsigned long number = strtoul(words[index], &end, 10);
    if (*end || number < 1 || number > most)
        answer_error("%s is not a number from 1 to %lu", words[index], most);
    return number;
}
