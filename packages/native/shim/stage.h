#pragma once
struct plan;

/*
 * Joins cgroups, waits for the plan and makes the container's init as a child of its own parent, the monitor. Started early, because
 * joining a cgroup v1 hierarchy waits for an RCU grace period. With new_network it is in a network namespace of its own from the
 * beginning, and says so (MSG_NETNS) before it joins anything: rt furnishes that namespace meanwhile. Never returns.
 */
_Noreturn void stage(int socket, int new_network, char *const *cgroup_procs);
