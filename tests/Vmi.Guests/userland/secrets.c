// A process that holds known content at addresses it tells.
#define _GNU_SOURCE
#include "zoo.h"
#include "common.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

static char *pages(unsigned count)
{
    return MUST(mmap(NULL, count * PageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), "mmap");
}

// No test can know it beforehand, so that it can't be found by chance or by heart.
static void hold_secret(void)
{
    uint64_t random;
    MUST(getrandom(&random, sizeof random, 0), "getrandom");
    char *page = pages(1);
    int length = sprintf(page + 0x123, "VMI-SECRET-%016lx", (unsigned long)random);
    report_page("secret", page);
    report_text("secret", "latin1", page + 0x123, length);
}

// Strings that begin shortly before a page's end, cross two whole pages and end in the next.
static void hold_strings(void)
{
    char *area = pages(5);
    char *narrow = area + PageSize - 7;
    size_t length = 2 * PageSize + 20;
    for (size_t i = 0; i < length; i++)
        narrow[i] = 'a' + i * 7 % 26;
    report_text("narrow", "latin1", narrow, length);

    // An odd distance to the page's end, so that one character lies on both sides.
    char *wide = pages(5) + PageSize - 7;
    for (size_t i = 0; i < length; i++) {
        uint16_t unit = 0x3b1 + i % 24;
        memcpy(wide + 2 * i, &unit, 2);
    }
    report_text("wide", "utf16", wide, 2 * length);

    // The string's end is missing: the page after it is not there.
    char *cut = pages(2);
    memset(cut + PageSize - 10, 'x', 10);
    MUST(mprotect(cut + PageSize, PageSize, PROT_NONE), "mprotect");
    report_text("cut", "latin1", cut + PageSize - 10, 10);
}

void zoo_secrets(void)
{
    hold_secret();
    hold_strings();

    char *untouched = pages(1);
    report_page("never-touched", untouched);

    char *dropped = pages(3);
    memset(dropped, 0x44, 3 * PageSize);
    MUST(madvise(dropped + PageSize, PageSize, MADV_DONTNEED), "MADV_DONTNEED");
    report_page("before-dropped", dropped);
    report_page("dropped", dropped + PageSize);

    // Read but never written: the kernel's shared page of zeros.
    char *zero = pages(1);
    if (*(volatile char *)zero != 0)
        fail("a new page is not zero");
    report_page("zero", zero);

    report_page("code", (void *)zoo_secrets);
    report_page("stack", __builtin_frame_address(0));
    report_ready();
    rest();
}
