#pragma once
#include <stddef.h>
struct plan;

/* Docker's json-file: one object a line, pieces of 16 KiB of lines that are longer. */
void log_open(const struct plan *);
/* `stream`: 1 output (or the terminal), 2 errors. A disk that is full loses lines of the log, never the container. */
void log_write(int stream, const char *bytes, size_t size);
/* Ends with what is left of a last line without a newline. */
void log_end(void);
/* log_line.c: a piece of output as a line of the log, in parts through `put`. */
void log_line(int stream, const char *bytes, size_t size, void (*put)(const char *, size_t));
