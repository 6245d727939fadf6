#pragma once
#include <sys/types.h>
struct relay;

/* What rt becomes: stands behind the container until it ends, cleans up, and exits as the container's program did. Never returns. */
_Noreturn void monitor(int plan_fd, int stage_socket, int netns);
/* Reaps, forwards, resizes. 1 when init has ended, with its wait status. */
int on_signal(int number, pid_t init, int *status, const struct relay *relay);
/* relay.c */
void relay_resize(const struct relay *);
