#define _GNU_SOURCE
#include "crew.h"
#include "common.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static void (*work_of_all)(unsigned index);
static unsigned size;
static pid_t tids[MaximumCrew];

static void settle(unsigned index)
{
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(index % get_nprocs(), &own);
    MUST(sched_setaffinity(0, sizeof own, &own), "sched_setaffinity");
    tids[index] = gettid();
    pthread_barrier_wait(&barrier);
}

static void *member(void *index)
{
    settle((uintptr_t)index);
    for (;;) {
        pthread_barrier_wait(&barrier);
        work_of_all((uintptr_t)index);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

void crew_start(unsigned wanted, void (*work)(unsigned index))
{
    size = wanted;
    work_of_all = work;
    pthread_barrier_init(&barrier, NULL, size);
    for (uintptr_t i = 1; i < size; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, member, (void *)i))
            fail("pthread_create");
    }
    settle(0);
}

void crew_work(void)
{
    pthread_barrier_wait(&barrier);
    work_of_all(0);
    pthread_barrier_wait(&barrier);
}

const char *crew_tids(void)
{
    static char text[MaximumCrew * 12];
    size_t length = 0;
    for (unsigned i = 0; i < size; i++)
        length += snprintf(text + length, sizeof text - length, "%s%d", i ? "," : "", tids[i]);
    return text;
}
