#pragma once
struct plan;

/* The container's first process: executes the sandbox steps, of which the last is the user's program. */
_Noreturn void init(const struct plan *plan, int socket);
/* Closes all descriptors but 0, 1, 2 and this one, which goes at the next exec. */
int keep_only(int socket);
