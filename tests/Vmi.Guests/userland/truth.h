// What init prints of the guest: files, each as one section on the serial console.
#pragma once

#include <sys/types.h>

// Makes room, so that collecting and printing leave this process's own memory map as they find it.
void truth_prepare(void);

// Takes lines that a process of the zoo reported, up to "ready"; notes what they say. `name` is the process's role.
void truth_read_reports(const char *name, pid_t pid, int fd);

// Waits until no process runs that is expected to rest.
void truth_wait_until_quiet(void);

// Reads everything, then prints it.
void truth_print(void);
