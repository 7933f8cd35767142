// The form in which the truth leaves the guest: a run of sections, each of them
//
//   @@ NAME LENGTH\n  LENGTH bytes as they are  \n
//
// and last `@@ end 0\n\n`. A section is mostly a file of the guest, under its path without the leading slash.
#pragma once

#include <stddef.h>

// Reserves the arena, which holds sections until they are printed.
void section_prepare(void);

// Begins a section, whose name is formatted like printf's.
void section_begin(const char *name, ...) __attribute__((format(printf, 1, 2)));

// Adds to the section begun last.
void section_append(const void *data, size_t length);
void section_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Adds the content of a file, or the target of a symbolic link, as a whole section; none if it can't be read.
void section_file(const char *path);
void section_link(const char *path);

// Prints every section to a descriptor.
void section_print_all(int fd);
