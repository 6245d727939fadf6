#pragma once
#include <stddef.h>
#include <sys/types.h>

enum exec_end { EXEC_ENDED, EXEC_DETACHED };

/* The terminal of an entered program, between its master and the caller's own terminal. */
struct exec_relay {
	int master, signals;
	int interactive; /* what is typed goes to the program */
	const char *keys;
	size_t key_count;
};

/* Copies both ways until `program` has ended and all that it wrote is read, or the detach keys were typed. The caller's terminal is put back. */
enum exec_end exec_relay_run(const struct exec_relay *, pid_t program, int *status);
/* Reads and drops what the program writes until nobody has the terminal any more. */
void exec_relay_drain(int master);
/* Reads one signal: forwards it, or reaps. 1 when `program` has ended. */
int exec_signal(int signals, pid_t program, int *status, int master);
int exec_reap(pid_t program, int *status);
