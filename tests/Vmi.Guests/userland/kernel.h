// What a privileged process can learn of the kernel it runs on: symbols, memory, and where its own pages lie.
#pragma once

#include <stddef.h>
#include <stdint.h>

// A symbol of the kernel itself.
struct kernel_symbol { const char *name; uint64_t address; };

// Finds addresses; ends the program if one is missing. All in one reading, which takes a second where the CPU is emulated.
void kernel_find(struct kernel_symbol *wanted, unsigned count);

// Copies kernel memory; what can't be read stays as it is.
void kernel_read(uint64_t address, void *buffer, size_t length);

// The physical address of a byte of this process's own memory, whose page must be present and stay.
uint64_t physical_address(const void *address);

// A whole file, in new pages of its own.
char *read_pages(const char *path, size_t *length);
