// What a privileged process can learn of the kernel it runs on: symbols, memory, and where its own pages lie.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The address of a symbol of the kernel itself; ends the program if there is none.
uint64_t kernel_symbol(const char *name);

// Copies kernel memory; what can't be read stays as it is.
void kernel_read(uint64_t address, void *buffer, size_t length);

// The physical address of a byte of this process's own memory, whose page must be present and stay.
uint64_t physical_address(const void *address);

// A whole file, in new pages of its own.
char *read_pages(const char *path, size_t *length);
