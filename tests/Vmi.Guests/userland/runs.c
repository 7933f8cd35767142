// Programs that run in user mode: `loop [COUNT [THREADS]]`, `writes [COUNT [READS [THREADS]]]`, `steps`, `busy [THREADS]`.
#define _GNU_SOURCE
#include "puppet.h"
#include "answer.h"
#include "crew.h"
#include "common.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static unsigned long turns, reads;
static unsigned crew_size;

// What is watched shares its page with nothing else.
static struct { volatile uint64_t value; char rest[PageSize - 8]; } watched __attribute__((aligned(PageSize)));
static volatile uint64_t counters[MaximumCrew][PageSize / 8] __attribute__((aligned(PageSize)));

// One function of one instruction and its return; one store, one load, each between two symbols; 32 instructions in a row.
void tick(volatile uint64_t *counter);
extern const char store_at[], store_end[], load_at[], load_end[], steps_begin[], steps_end[];
void store(volatile uint64_t *to, uint64_t value);
uint64_t load(volatile uint64_t *from);
uint64_t take_steps(uint64_t start);
extern const uint64_t step_addresses[32];

__asm__(
    "    .text\n    .balign 64\n"
    "    .type tick, @function\n    .globl tick\ntick:\n    addq $1, (%rdi)\n    ret\n    .size tick, . - tick\n"
    "store:\nstore_at:\n    movq %rsi, (%rdi)\nstore_end:\n    ret\n"
    "load:\nload_at:\n    movq (%rdi), %rax\nload_end:\n    ret\n"
    "take_steps:\n    movq %rdi, %rax\n"
    "steps_begin:\n"
    "    .pushsection .rodata\n    .balign 8\nstep_addresses:\n    .popsection\n"
    "    .rept 8\n"
    "0:  nop\n"
    "1:  addq $3, %rax\n"
    "2:  leaq (%rax,%rax), %rcx\n"
    "3:  xorq %rcx, %rax\n"
    "    .pushsection .rodata\n    .quad 0b, 1b, 2b, 3b\n    .popsection\n"
    "    .endr\n"
    "steps_end:\n    ret\n");

static void loop_work(unsigned index)
{
    for (unsigned long i = 0; i < turns; i++)
        tick(counters[index]);
}

static void loop_prepare(int count, char *words[])
{
    turns = number_of(count, words, 1, 1000, 1000000000);
    crew_size = number_of(count, words, 2, 1, MaximumCrew);
    crew_start(crew_size, loop_work);
    char addresses[256] = "";
    for (unsigned i = 0; i < crew_size; i++)
        sprintf(addresses + strlen(addresses), "%s%p", i ? "," : "", (void *)counters[i]);
    answer("ok %d tids=%s tick=%p counters=%s", getpid(), crew_tids(), (void *)tick, addresses);
}

static void loop_run(int count, char *words[])
{
    (void)count, (void)words;
    crew_work();
    char values[256] = "";
    for (unsigned i = 0; i < crew_size; i++)
        sprintf(values + strlen(values), "%s%lu", i ? "," : "", (unsigned long)*counters[i]);
    answer("ok counters=%s", values);
}

// A thread's values have its index in their upper half.
static void writes_work(unsigned index)
{
    for (unsigned long i = 1; i <= turns; i++)
        store(&watched.value, (uint64_t)index << 32 | i);
    for (unsigned long i = 0; i < reads; i++)
        load(&watched.value);
}

static void writes_prepare(int count, char *words[])
{
    turns = number_of(count, words, 1, 10, 1000000000);
    reads = number_of(count, words, 2, 1, 1000000000);
    crew_size = number_of(count, words, 3, 1, MaximumCrew);
    crew_start(crew_size, writes_work);
    answer("ok %d tids=%s variable=%p store=%p store-end=%p load=%p load-end=%p", getpid(), crew_tids(), (void *)&watched,
        store_at, store_end, load_at, load_end);
}

static void writes_run(int count, char *words[])
{
    (void)count, (void)words;
    crew_work();
    answer("ok writes=%lu reads=%lu last=0x%lx", turns * crew_size, reads * crew_size, (unsigned long)watched.value);
}

static void steps_prepare(int count, char *words[])
{
    (void)count, (void)words;
    char addresses[32 * 20] = "";
    for (unsigned i = 0; i < 32; i++)
        sprintf(addresses + strlen(addresses), "%s0x%lx", i ? "," : "", (unsigned long)step_addresses[i]);
    answer("ok %d begin=%p end=%p addresses=%s", getpid(), steps_begin, steps_end, addresses);
}

static void steps_run(int count, char *words[])
{
    uint64_t from = number_of(count, words, 1, 1, 1000000);
    answer("ok from=0x%lx rax=0x%lx", from, take_steps(from));
}

static atomic_bool is_over;
static atomic_uint started;
static pthread_t spinners[MaximumCrew];
static unsigned long spins[MaximumCrew];

// Mostly in user mode, every now and then a short system call.
static void *spin(void *index)
{
    atomic_fetch_add(&started, 1);
    for (unsigned long i = 1; !is_over; i++) {
        if (i % 1024 == 0)
            getppid();
        spins[(uintptr_t)index] = i;
    }
    return NULL;
}

static void busy_prepare(int count, char *words[])
{
    crew_size = number_of(count, words, 1, 1, MaximumCrew);
    answer("ok %d threads=%u", getpid(), crew_size);
}

static void busy_run(int count, char *words[])
{
    (void)count, (void)words;
    if (started)
        answer_error("they run already");
    for (uintptr_t i = 0; i < crew_size; i++)
        if (pthread_create(&spinners[i], NULL, spin, (void *)i))
            fail("pthread_create");
    while (started < crew_size)
        usleep(1000);
    answer("ok running=%u", crew_size);
}

static void busy_stop(void)
{
    unsigned long least = started ? ~0ul : 0;
    is_over = true;
    for (unsigned i = 0; i < started; i++) {
        pthread_join(spinners[i], NULL);
        if (spins[i] < least)
            least = spins[i];
    }
    answer("ok least=%lu", least);
}

const struct program program_loop = { "loop", loop_prepare, loop_run, NULL };
const struct program program_writes = { "writes", writes_prepare, writes_run, NULL };
const struct program program_steps = { "steps", steps_prepare, steps_run, NULL };
const struct program program_busy = { "busy", busy_prepare, busy_run, busy_stop };
