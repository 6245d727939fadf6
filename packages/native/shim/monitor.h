#pragma once
#include <signal.h>
#include <sys/types.h>
struct message;
struct plan;
struct record;
struct relay;

enum { EXIT_RT = 125 };

/* What rt becomes: stands behind the container until it ends, cleans up, and exits as the container's program did. Never returns. */
_Noreturn void monitor(int plan_fd, int stage_socket, int netns);
/* Reaps, forwards, resizes. 1 when init has ended, with its wait status. */
int on_signal(int number, pid_t init, int *status, const struct relay *relay);
/* relay.c */
void relay_resize(const struct relay *);

/* Signals that are passed on; those that mean something to the caller's own job control, or to us, are not among them. */
void choose_signals(sigset_t *set);
/* Becomes the program of a record, with further arguments (and a NULL) at its end. */
_Noreturn void become(const struct record *r, char *const *more, unsigned count);
/* TypeScript knows the words for a start that failed, and what has to be undone. */
_Noreturn void report(const struct plan *plan, const struct message *failure);
_Noreturn void broken(const char *what);
int exit_code(int status);
