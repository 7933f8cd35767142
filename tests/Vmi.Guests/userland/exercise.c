// Does for ever, once a round, what events are made of: writes a page, runs code in a page, leaves for CPUID, a descriptor table, CR4,
// an I/O port and a hypercall. What it saw is in its page of data, at fixed places, where the host reads it and writes its wishes.
#define _GNU_SOURCE
#include "zoo.h"
#include "common.h"
#include "kernel.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { Untouched = 16, Nop = 0x90, Return = 0xc3, CodeLength = 16, FreePort = 0x80, PauseMicroseconds = 20000 };

// The page of data. The guest writes `rounds` to `hypercall`, the host the rest; `programs` counts down.
struct page
{
    uint32_t rounds;        // 0: how often all was done
    uint32_t echo;          // 4: what was in `inbox` in the last round
    uint32_t cpuid_ebx;     // 8: EBX of CPUID's leaf 0x40000000
    uint32_t traps;         // 12: SIGTRAPs received
    uint32_t tsc_reads;     // 16: RDTSC tried while CR4.TSD should forbid it
    uint32_t tsc_faults;    // 20: how many of these faulted
    uint64_t hypercall;     // 24: RAX of the hypercall HVMOP_guest_request_vm_event
    uint8_t unused[32];
    uint32_t inbox;         // 64
    uint32_t hurry;         // 68: other than 0: no pause between rounds
    uint32_t programs;      // 72: how many programs to execute, one a round
};

static volatile struct page *data;
static sigjmp_buf after_tsc;

static void on_trap(int number)
{
    (void)number;
    data->traps++;
}

static void on_fault(int number)
{
    siglongjmp(after_tsc, number);
}

// PR_SET_TSC sets CR4.TSD, and clears it.
static void read_forbidden_tsc(void)
{
    MUST(prctl(PR_SET_TSC, PR_TSC_SIGSEGV), "PR_SET_TSC");
    data->tsc_reads++;
    if (!sigsetjmp(after_tsc, 1))
        __asm__ volatile("rdtsc" : : : "eax", "edx");
    else
        data->tsc_faults++;
    MUST(prctl(PR_SET_TSC, PR_TSC_ENABLE), "PR_SET_TSC");
}

static void leave_for_hypervisor(void)
{
    uint32_t eax = 0x40000000, ebx, ecx = 0, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    data->cpuid_ebx = ebx;

    uint8_t table[10];
    __asm__ volatile("sgdt %0" : "=m"(table));
    outb(0, FreePort);

    // From user mode Xen refuses it, unless a monitor asks for it.
    enum { HvmOperation = 34, GuestRequest = 24 };
    uint64_t result = HvmOperation;
    __asm__ volatile("vmcall" : "+a"(result) : "D"(GuestRequest), "S"(0) : "memory");
    data->hypercall = result;
}

// Two processes that sleep: the CPU's root, and with `nofsgsbase` its FS_BASE, are written at each switch.
static void start_neighbour(void)
{
    if (MUST(fork(), "fork") == 0)
        for (;;)
            usleep(PauseMicroseconds);
}

static void run_programs(void)
{
    if (data->programs == 0)
        return;
    data->programs--;
    // Written here, so that they are in memory in the child, too.
    char path[] = "/bin/zoo", mode[] = "nothing", argument[] = "an argument";
    if (MUST(fork(), "fork") == 0) {
        execl(path, path, mode, argument, NULL);
        fail("execl");
    }
}

void zoo_exercise(void)
{
    signal(SIGCHLD, SIG_IGN);
    signal(SIGTRAP, on_trap);
    signal(SIGSEGV, on_fault);
    MUST(ioperm(FreePort, 1, 1), "ioperm");
    char *untouched = MUST(mmap(NULL, Untouched * PageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), "mmap");
    data = MUST(mmap(NULL, PageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_LOCKED, -1, 0), "mmap");
    uint8_t *code = MUST(mmap(NULL, PageSize, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS | MAP_LOCKED, -1, 0), "mmap");
    memset((void *)data, 0, sizeof *data);
    memset(code, Nop, PageSize);
    code[CodeLength] = Return;
    start_neighbour();

    dprintf(1, "VMI-EXERCISE pid=%d data=0x%lx data_gfn=0x%lx code=0x%lx code_gfn=0x%lx untouched=0x%lx\n", getpid(), (unsigned long)data,
        physical_address((void *)data) / PageSize, (unsigned long)code, physical_address(code) / PageSize, (unsigned long)untouched);
    report_ready();
    for (;;) {
        data->echo = data->inbox;
        ((void (*)(uint32_t))code)(data->rounds);
        leave_for_hypervisor();
        read_forbidden_tsc();
        data->rounds++;
        run_programs();
        if (!data->hurry)
            usleep(PauseMicroseconds);
    }
}
