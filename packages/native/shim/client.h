#pragma once

/* Letters of `wants`: i input, o output, e errors, s signals are passed on. `keys`: see detach_keys_read. */
/*
 * Waits for the container that a monitor of ours starts behind `socket`, then stands before it, or lets it go (a plan with OP_DETACH).
 * `owner`: see owner.h. One that is gone takes the container that we stand before with it.
 */
_Noreturn void client(int plan_fd, int socket, int lock, const char *wants, const char *keys, int owner);
/* Joins a container that runs. */
_Noreturn void attach(const char *door, const char *wants, const char *keys);
