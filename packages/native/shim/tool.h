#pragma once
#include <sys/types.h>

/*
 * A program that works for a rt that waits for it, the process `caller`, and does not outlive it: in a pid and a mount namespace of its own, so
 * that whatever it starts and mounts goes when either of the two ends, however that comes. Exits as the program does. Never returns.
 */
_Noreturn void tool(pid_t caller, char *const *argv);
