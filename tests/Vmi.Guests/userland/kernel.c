#define _GNU_SOURCE
#include "kernel.h"
#include "common.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uint64_t kernel_symbol(const char *name)
{
    FILE *symbols = fopen("/proc/kallsyms", "re");
    char line[512], found[256];
    uint64_t address;
    while (symbols && fgets(line, sizeof line, symbols))
        if (sscanf(line, "%lx %*c %255s", &address, found) == 2 && !strcmp(found, name)) {
            fclose(symbols);
            return address;
        }
    fail(name);
}

// Where an address lies in /proc/kcore, or -1.
static off_t kcore_offset(int fd, uint64_t address)
{
    Elf64_Ehdr header;
    MUST(pread(fd, &header, sizeof header, 0), "/proc/kcore");
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        MUST(pread(fd, &segment, sizeof segment, header.e_phoff + i * sizeof segment), "/proc/kcore");
        if (segment.p_type == PT_LOAD && address - segment.p_vaddr < segment.p_memsz)
            return segment.p_offset + address - segment.p_vaddr;
    }
    return -1;
}

void kernel_read(uint64_t address, void *buffer, size_t length)
{
    int fd = MUST(open("/proc/kcore", O_RDONLY | O_CLOEXEC), "/proc/kcore");
    off_t offset = MUST(kcore_offset(fd, address), "not in /proc/kcore");
    for (size_t done = 0; done < length; done += PageSize) {
        size_t part = length - done < PageSize ? length - done : PageSize;
        if (pread(fd, (char *)buffer + done, part, offset + done) < 0)
            continue;
    }
    close(fd);
}

uint64_t physical_address(const void *address)
{
    static int pagemap = -1;
    if (pagemap < 0)
        pagemap = MUST(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), "/proc/self/pagemap");
    uint64_t entry;
    MUST(pread(pagemap, &entry, sizeof entry, (uintptr_t)address / PageSize * sizeof entry), "pagemap");
    if (!(entry >> 63))
        fail("a page that should be present is not");
    return (entry & ((1ul << 55) - 1)) * PageSize + (uintptr_t)address % PageSize;
}

char *read_pages(const char *path, size_t *length)
{
    enum { Room = 64 << 20 };
    char *pages = MUST(mmap(NULL, Room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), "mmap");
    int fd = MUST(open(path, O_RDONLY | O_CLOEXEC), path);
    *length = 0;
    for (ssize_t part; (part = MUST(read(fd, pages + *length, Room - *length), path)) > 0;)
        *length += part;
    close(fd);
    return pages;
}
