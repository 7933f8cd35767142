// The programs that the puppet has its children run: each does exactly what it is told and says what it did.
#pragma once

// What a child runs. It is prepared once, which answers the command `start`; it then runs as often as `go` says, which answers too.
struct program {
    const char *name;
    void (*prepare)(int count, char *words[]);
    void (*run)(int count, char *words[]);
    // Ends what still runs and answers `stop`; NULL where nothing does.
    void (*stop)(void);
};

extern const struct program program_calls, program_writes, program_loop, program_steps, program_busy, program_unmapped, program_exec,
    program_modules;

// Splits a line at its spaces and line feed; the last words that there is no room for are left out.
int split(char *line, char *words[], int room);
