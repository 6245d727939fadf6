#pragma once

/*
 * The monitor of a container that outlives its caller's terminal: owns the pipes or the pty, the log and the door, and starts it again where
 * that was asked for. Makes the stage at once, and gets lock, plan and network namespace through `socket` when rt has made them; whoever
 * is at the other end then is its first client. `kinds`: see streams_open, and `n` for a stage with a network namespace of its own from
 * the start, of which rt is told first of all. Never returns.
 */
_Noreturn void background(int socket, const char *kinds, char *const *cgroups);
