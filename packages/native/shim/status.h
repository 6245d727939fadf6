#pragma once
#include <sys/types.h>
struct plan;

/* What others learn of the container from files: that it runs, and how it ended. A failure is said and survived. */
void write_status(const struct plan *plan, pid_t init, unsigned restarts);
/* `words` behind it, each with a space before it: ` oom` (the kernel has killed a process for want of memory), ` restarting`. */
void write_exit(const struct plan *plan, int status, const char *words);
/* The end of a former run does not matter any more. */
void remove_exit(const struct plan *plan);
/* Field 22 of /proc/pid/stat, into `stat`: with it a pid names one process for ever. "0": there is no such process. */
const char *start_time(pid_t pid, char *stat, size_t size);
/* Nanoseconds since the epoch; answers the new end. */
char *put_time(char *at);
