#pragma once
#include "detach_keys.h"

enum exec_end { EXEC_ENDED, EXEC_DETACHED, EXEC_LOST };

/* The client of an entered program: between its keeper, its terminal where it has one, and the caller. */
struct exec_relay {
	int keeper, signals;
	int master; /* -1: the program has the caller's own streams */
	int interactive; /* what is typed goes to the program */
	struct detach_keys keys;
};

/* Until the program has ended (its wait status) and all that it wrote is read, or the detach keys were typed. Puts the caller's terminal back. */
enum exec_end exec_relay_run(struct exec_relay *, int *status);
