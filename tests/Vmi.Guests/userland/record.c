#define _GNU_SOURCE
#include "record.h"
#include "answer.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool line_is_open;
static int own_tid;

long raw_call(long number, const long arguments[6])
{
    register long fourth __asm__("r10") = arguments[3];
    register long fifth __asm__("r8") = arguments[4];
    register long sixth __asm__("r9") = arguments[5];
    long result;
    __asm__ volatile("syscall" : "=a"(result)
        : "0"(number), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(fourth), "r"(fifth), "r"(sixth)
        : "rcx", "r11", "memory");
    return result;
}

static void end_line(void)
{
    if (line_is_open)
        lines_format("\n");
    line_is_open = false;
}

void record_prepare(void)
{
    own_tid = gettid();
}

void record_begin(void)
{
    lines_begin();
    line_is_open = false;
}

void record_answer(void)
{
    end_line();
    lines_answer();
}

long record_call(const char *name, long number, unsigned count, const long *arguments)
{
    long all[6] = { 0 };
    memcpy(all, arguments, count * sizeof *all);
    long result = raw_call(number, all);
    record_made(name, result, count, arguments);
    return result;
}

void record_made(const char *name, long result, unsigned count, const long *arguments)
{
    end_line();
    lines_format("%d\t%s\t%ld\t", own_tid, name, result);
    for (unsigned i = 0; i < count; i++)
        lines_format("%s0x%lx", i ? "," : "", arguments[i]);
    line_is_open = true;
}

void record_foreign(int tid, const char *name, long argument)
{
    end_line();
    lines_format("%d\t%s\t-\t0x%lx", tid, name, argument);
    line_is_open = true;
}

void record_text(const char *key, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    lines_format("\t%s=%s", key, text);
}

void record_bytes(const char *key, const void *bytes, size_t length)
{
    lines_format("\t%s=", key);
    for (size_t i = 0; i < length; i++)
        lines_format("%02x", ((const uint8_t *)bytes)[i]);
}
