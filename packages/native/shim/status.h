#pragma once
#include <sys/types.h>
struct plan;

/* What others learn of the container from files: that it runs, and how it ended. A failure is said and survived. */
void write_status(const struct plan *plan, pid_t init);
void write_exit(const struct plan *plan, int status);
/* Nanoseconds since the epoch; answers the new end. */
char *put_time(char *at);
