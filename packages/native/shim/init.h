#pragma once
struct plan;

/* The container's first process: executes the sandbox steps, of which the last is the user's program. */
_Noreturn void init(const struct plan *plan, int socket);
