#pragma once
#include <signal.h>
#include <sys/types.h>

/* Signals that are passed on; those that mean something to the caller's own job control, or to us, are not among them. */
void choose_signals(sigset_t *set);
/* Blocks them, and answers the descriptor that they come through from now on; -1 with errno. */
int take_signals(void);
/* Reaps and forwards. 1 when init has ended, with its wait status. */
int on_signal(int number, pid_t init, int *status);
/* Of a wait status, as shells have it. */
int exit_code(int status);
