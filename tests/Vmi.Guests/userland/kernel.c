#define _GNU_SOURCE
#include "kernel.h"
#include "common.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void kernel_find(struct kernel_symbol *wanted, unsigned count)
{
    FILE *symbols = fopen("/proc/kallsyms", "re");
    char line[512], name[256];
    uint64_t address;
    unsigned found = 0;
    while (found < count && symbols && fgets(line, sizeof line, symbols)) {
        if (sscanf(line, "%lx %*c %255s", &address, name) != 2)
            continue;
        for (unsigned i = 0; i < count; i++)
            if (!strcmp(name, wanted[i].name)) {
                wanted[i].address = address;
                found++;
            }
    }
    if (found < count)
        fail("a kernel symbol is missing");
    fclose(symbols);
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
    // Page by page where more can't be had at once: a part that is not mapped ends a read.
    for (size_t done = 0; done < length;) {
        ssize_t part = pread(fd, (char *)buffer + done, length - done, offset + done);
        done += part > 0 ? part : PageSize;
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
