#pragma once
#include <sys/types.h>

/* What connects a container's program and its monitor: up to three pipes, or a terminal. -1: not there, or closed. */
struct streams {
	int in, out, err; /* the monitor's ends, non-blocking; of a terminal `in` alone, which is read as well */
	int child[3];     /* the program's ends, until it has them */
	int is_terminal;
	int has_input;
};

/* `kinds`: `i` a pipe for its input, `o` pipes for its output and errors, `t` a terminal, `-` nothing. */
int streams_open(struct streams *, const char *kinds);
/* In the process that becomes the program: the pipes become 0, 1 and 2. */
int streams_take(const struct streams *);
/* The caller's descriptors are no longer this process's: a pipe ends with the last who has it open. */
int streams_let_go(void);
/* In the monitor, once that process is there: its ends are its own. */
void streams_give(struct streams *);
/* The terminal that init made. */
int streams_terminal(struct streams *, int master);
void streams_close(struct streams *);
