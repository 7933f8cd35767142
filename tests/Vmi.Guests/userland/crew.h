// Threads that do the same work at the same time, each on a CPU of its own as far as there are enough. The first is the calling one.
#pragma once

enum { MaximumCrew = 8 };

// Starts the others, which wait.
void crew_start(unsigned size, void (*work)(unsigned index));

// Has all work, and returns when all have.
void crew_work(void);

// The thread ids with commas between them.
const char *crew_tids(void);
