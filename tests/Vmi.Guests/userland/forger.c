// A process that plants in its own memory what a detector looks for. All of it lies in user pages: only who asks the kernel's own
// page tables can tell it from the real thing.
//
//   forger some    banners, VMCOREINFO, BTF and an init_task
//   forger full    also the whole kernel image, altered, and page tables that map it where the real one is, as supervisor
#define _GNU_SOURCE
#include "zoo.h"
#include "common.h"
#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The symbols that forging takes, by these indexes.
enum { Text, End, InitTask, VmcoreInfo, PageOffset, SymbolCount };

static struct kernel_symbol symbols[SymbolCount] = {
    { "_text", 0 }, { "_end", 0 }, { "init_task", 0 }, { "vmcoreinfo_data", 0 }, { "page_offset_base", 0 },
};

static char *pages(size_t length)
{
    return MUST(mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), "mmap");
}

// Overwrites the version in every banner within a piece of memory.
static void forge_banners(char *memory, size_t length)
{
    static const char banner[] = "Linux version ", forged[] = "9.9.9-forged ";
    char *end = memory + length;
    while ((memory = memmem(memory, end - memory, banner, sizeof banner - 1))) {
        memory += sizeof banner - 1;
        if (end - memory > (ptrdiff_t)sizeof forged)
            memcpy(memory, forged, sizeof forged - 1);
    }
}

static void plant_banners(void)
{
    size_t length;
    char *exact = read_pages("/proc/version", &length);
    report_page("forged-banner-exact", exact);
    char *altered = read_pages("/proc/version", &length);
    forge_banners(altered, length);
    report_page("forged-banner", altered);
}

// One with the kernel's own text and one with wrong values, both as the kernel keeps them: an ELF note at a page's start.
static void plant_vmcoreinfo(void)
{
    uint64_t text;
    kernel_read(symbols[VmcoreInfo].address, &text, sizeof text);

    char *exact = pages(2 * PageSize), *altered = pages(2 * PageSize);
    kernel_read(text, exact + 24, PageSize);
    size_t length = snprintf(altered + 24, PageSize,
        "OSRELEASE=9.9.9-forged\nBUILD-ID=0123456789abcdef0123456789abcdef01234567\nPAGESIZE=4096\n"
        "SYMBOL(init_uts_ns)=ffffffff82000000\nSYMBOL(swapper_pg_dir)=%lx\nSYMBOL(_stext)=ffffffff81000000\n"
        "NUMBER(phys_base)=%ld\nNUMBER(pgtable_l5_enabled)=0\nKERNELOFFSET=0\nNUMBER(KERNEL_IMAGE_SIZE)=1073741824\n",
        0xffffffff81000000 + physical_address(exact), (long)physical_address(altered));

    for (int i = 0; i < 2; i++) {
        char *note = i ? altered : exact;
        uint32_t header[] = { 11, i ? length : strnlen(exact + 24, PageSize), 0 };
        memcpy(note, header, sizeof header);
        memcpy(note + 12, "VMCOREINFO", 11);
    }
    report_page("forged-vmcoreinfo-exact", exact);
    report_page("forged-vmcoreinfo", altered);
}

static void swap_strings(char *memory, size_t length, const char *a, const char *b, size_t size)
{
    char *first = memmem(memory, length, a, size), *second = memmem(memory, length, b, size);
    if (!first || !second)
        fail("a string to swap is missing");
    memcpy(first, b, size);
    memcpy(second, a, size);
}

// The altered one is well formed, and wrong: it finds a task's id where its name is.
static void plant_btf(void)
{
    size_t length;
    report_page("forged-btf-exact", read_pages("/sys/kernel/btf/vmlinux", &length));
    char *altered = read_pages("/sys/kernel/btf/vmlinux", &length);
    swap_strings(altered, length, "\0comm", "\0tgid", 6);
    report_page("forged-btf", altered);
}

static void plant_task(void)
{
    enum { Room = 16384 };
    char *task = pages(Room);
    kernel_read(symbols[InitTask].address, task, Room);
    report_page("forged-task", task);
}

static uint64_t *new_table(void)
{
    return (uint64_t *)pages(PageSize);
}

enum {
    Present = 1, Writable = 2, Accessed = 0x20, Dirty = 0x40, Large = 0x80, Global = 0x100,
    Table = Present | Writable | Accessed | Dirty,
};

// The table below an entry of a table, made when needed. Tables are remembered by where they are mapped here.
static uint64_t *below(uint64_t *table, uint64_t **shadow, unsigned index)
{
    if (!shadow[index]) {
        shadow[index] = new_table();
        table[index] = physical_address(shadow[index]) | Table;
    }
    return shadow[index];
}

// Maps the copy at the kernel's own addresses, and physical memory where the kernel has it. Four levels.
static void plant_page_tables(uint64_t start, char *image, size_t length)
{
    static uint64_t *uppers[512], *middles[512], *lowers[512], *direct_middles[512];
    uint64_t *root = new_table();

    for (size_t offset = 0; offset < length; offset += PageSize) {
        uint64_t address = start + offset;
        uint64_t *upper = below(root, uppers, address >> 39 & 511);
        uint64_t *middle = below(upper, middles, address >> 30 & 511);
        uint64_t *lower = below(middle, lowers, address >> 21 & 511);
        lower[address >> 12 & 511] = physical_address(image + offset) | Table | Global;
    }

    uint64_t direct, memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * PageSize * 2;
    kernel_read(symbols[PageOffset].address, &direct, sizeof direct);
    for (uint64_t physical = 0; physical < memory; physical += HugePageSize) {
        uint64_t address = direct + physical;
        uint64_t *upper = below(root, uppers, address >> 39 & 511);
        uint64_t *middle = below(upper, direct_middles, address >> 30 & 511);
        middle[address >> 21 & 511] = physical | Table | Large | Global;
    }
    report_page("forged-root", root);
}

static void plant_kernel(void)
{
    uint64_t start = symbols[Text].address, length = (symbols[End].address - start + PageSize - 1) & -(uint64_t)PageSize;
    char *image = pages(length);
    kernel_read(start, image, length);
    forge_banners(image, length);
    report_page("forged-text", image);
    report_page("forged-init-task", image + symbols[InitTask].address - start);
    plant_page_tables(start, image, length);
}

void zoo_forger(const char *how)
{
    kernel_find(symbols, SymbolCount);
    plant_banners();
    plant_vmcoreinfo();
    plant_btf();
    plant_task();
    if (!strcmp(how, "full"))
        plant_kernel();
    MUST(mlockall(MCL_CURRENT), "mlockall");
    report_ready();
    rest();
}
