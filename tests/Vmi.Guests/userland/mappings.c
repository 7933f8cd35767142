// A process with every kind of mapping that a memory map may have to name.
#define _GNU_SOURCE
#include "zoo.h"
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ReadWrite = PROT_READ | PROT_WRITE, Anonymous = MAP_PRIVATE | MAP_ANONYMOUS, SmallMappings = 300 };

static char *map(void *hint, size_t length, int protection, int flags, int fd)
{
    char *address = MUST(mmap(hint, length, protection, flags, fd, 0), "mmap");
    if (protection & PROT_WRITE)
        memset(address, 0x5a, length);
    return address;
}

static int new_file(const char *path)
{
    int fd = MUST(open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
    MUST(ftruncate(fd, 4 * PageSize), "ftruncate");
    return fd;
}

// Files in a tree that crosses a mount, under names that need care.
static void map_files(void)
{
    MUST(mkdir("/mnt/deep dir", 0755), "mkdir");
    MUST(mkdir("/mnt/deep dir/[bold] one", 0755), "mkdir");
    MUST(mkdir("/mnt/deep dir/[bold] one/two", 0755), "mkdir");
    int deep = new_file("/mnt/deep dir/[bold] one/two/a file.dat");
    report_page("file-shared", map(NULL, 2 * PageSize, ReadWrite, MAP_SHARED, deep));

    int escape = new_file("/mnt/line\nbreak \x1b[31m\xff");
    map(NULL, PageSize, PROT_READ, MAP_PRIVATE, escape);

    int gone = new_file("/mnt/gone");
    report_page("file-deleted", map(NULL, 3 * PageSize, ReadWrite, MAP_SHARED, gone));
    unlink("/mnt/gone");

    // Each file of the root file system, which is no mount of its own.
    int self = MUST(open("/bin/zoo", O_RDONLY | O_CLOEXEC), "open");
    map(NULL, 4 * PageSize, PROT_READ, MAP_PRIVATE, self);
    report_page("file-private-rwx", map(NULL, PageSize, ReadWrite | PROT_EXEC, MAP_PRIVATE, self));
}

// Neighbours differ in protection, so that the kernel can't merge them and its tree of areas gets several levels.
static void map_many(void)
{
    char *area = map(NULL, SmallMappings * PageSize, PROT_NONE, Anonymous | MAP_NORESERVE, -1);
    for (int i = 0; i < SmallMappings; i++) {
        static const int protections[] = { PROT_READ, ReadWrite, PROT_READ | PROT_EXEC };
        MUST(mprotect(area + i * PageSize, PageSize, protections[i % 3]), "mprotect");
    }
    report_page("many-first", area);
}

void zoo_mappings(void)
{
    report_page("anonymous", map(NULL, 5 * PageSize, ReadWrite, Anonymous, -1));
    report_page("none", map(NULL, 3 * PageSize, PROT_NONE, Anonymous, -1));
    report_page("shared", map(NULL, 2 * PageSize, ReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1));

    int memfd = MUST(memfd_create("a memfd", MFD_CLOEXEC), "memfd_create");
    MUST(ftruncate(memfd, 2 * PageSize), "ftruncate");
    report_page("memfd", map(NULL, 2 * PageSize, ReadWrite, MAP_SHARED, memfd));

    map_files();
    map_many();

    // Twice the size, so that a whole aligned part is in it wherever it begins.
    enum { Area = 4 * HugePageSize };
    char *area = MUST(mmap(NULL, Area, ReadWrite, Anonymous, -1, 0), "mmap");
    char *huge = (char *)(((uintptr_t)area + 2 * HugePageSize - 1) & -(2l * HugePageSize));
    // A realtime kernel has none.
    if (madvise(huge, 2 * HugePageSize, MADV_HUGEPAGE) && errno != EINVAL)
        fail("MADV_HUGEPAGE");
    memset(huge, 0x48, 2 * HugePageSize);
    report_page("huge", huge);
    report_page("huge-inner", huge + HugePageSize + 5 * PageSize);

    // Beyond 47 bits only where the kernel runs with five levels; elsewhere the hint is not heeded, which is just as well.
    char *high = map((void *)(1ul << 52), PageSize, ReadWrite, Anonymous, -1);
    memcpy(high, "VMI-HIGH-PAGE", 14);
    report_page("high", high);
    report_text("high", "latin1", high, 13);

    report_ready();
    rest();
}
