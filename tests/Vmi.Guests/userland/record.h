// System calls made by one `syscall` instruction and listed as they are made, one a line:
//
//   TID \t NAME \t RESULT \t ARGUMENT,… (hexadecimal, the registers) { \t KEY=VALUE }
//
// The keys name what an argument points to: text as it is, `…bytes` and `data` in hexadecimal.
#pragma once

#include <stddef.h>
#include <sys/syscall.h>

// Once, before the first list: a list costs no call of its own.
void record_prepare(void);

// Begins the list, and answers with it.
void record_begin(void);
void record_answer(void);

// Makes a call of the thread group's leader and lists it.
#define CALL(name, ...) record_call(#name, SYS_##name, sizeof((long[]) { __VA_ARGS__ }) / sizeof(long), (long[]) { __VA_ARGS__ })
long record_call(const char *name, long number, unsigned count, const long *arguments);

// Lists a call that was made with raw_call.
void record_made(const char *name, long result, unsigned count, const long *arguments);

// Lists a call that another process makes and that has no result.
void record_foreign(int tid, const char *name, long argument);

// Adds to the call listed last.
void record_text(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));
void record_bytes(const char *key, const void *bytes, size_t length);

// A call that is not listed.
long raw_call(long number, const long arguments[6]);
