// What the programs of the guests' userland share.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PageSize = 4096, HugePageSize = 2 << 20 };

// Ends the program with a line on standard error, which is the serial console.
_Noreturn void fail(const char *what);

// Aborts with `what` when a system call's result is -1 (which MAP_FAILED is too).
#define MUST(call, what) ({ __typeof__(call) result_ = (call); if ((intptr_t)result_ == -1) fail(what); result_; })

// Writes a whole text to an existing or new file; missing files are no error (a kernel may lack a setting).
void write_file(const char *path, const char *text);

// The file descriptor on which a process of the zoo tells init about itself.
enum { ReportFd = 3 };

// Tells init of a page whose physical address the truth is to name.
void report_page(const char *name, const void *address);

// Tells init of bytes whose content the truth is to name. `encoding` is "latin1", "utf16" or "bytes".
void report_text(const char *name, const char *encoding, const void *address, size_t length);

// Tells init that this process is as it will stay, and closes the descriptor.
void report_ready(void);

// Sleeps for ever, changing nothing.
_Noreturn void rest(void);
