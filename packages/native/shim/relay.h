#pragma once
#include <sys/types.h>

/* The caller's terminal, in raw mode while the container has it. */
struct relay {
	int master; /* -1: no terminal was asked for */
	int is_raw;
	int detached;
};

int relay_open(struct relay *, int master, int detached);
/* Copies both ways until init has ended (it may have already) and nothing is left to read. `signals`: a signalfd. */
void relay_run(struct relay *, int signals, pid_t init, int ended, int *status);
/* Puts the caller's terminal back; safe to call again. */
void relay_close(struct relay *);
