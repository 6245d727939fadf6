#pragma once
struct plan;

/*
 * Joins cgroups (directories), waits for the plan and makes the container's init as a child of its own parent, the monitor. Started
 * early, because both of its beginnings may wait for the kernel's locks. With new_network it is in a network namespace of its own
 * from the start, and says so (MSG_NETNS) before it joins anything: rt furnishes that namespace meanwhile. Never returns.
 */
_Noreturn void sealed_stage(int socket, int new_network, char *const *cgroups);
/* The same, in a copy of this program that no container can write to. */
_Noreturn void stage(int socket, int new_network, char *const *cgroups);
