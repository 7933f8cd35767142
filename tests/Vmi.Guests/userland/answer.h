// What a child of the puppet tells the host: one line, or `ok LINES n` and n lines. Neither takes a system call but `write` to
// descriptor 1, so that a trace between `go` and the answer has that, `read` of descriptor 0, and what the program is there to do.
#pragma once

// Makes room for lines; before the program runs.
void answer_prepare(void);

// Answers with one line, to which the line feed is added.
void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Answers `error …` and ends the process.
_Noreturn void answer_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Begins a list of lines, adds to it (a line feed ends a line), and answers with it.
void lines_begin(void);
void lines_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void lines_answer(void);

// The number in words[index], or what stands in for it where there is none; an error unless it is 1 to `most`.
unsigned long number_of(int count, char *words[], int index, unsigned long otherwise, unsigned long most);
