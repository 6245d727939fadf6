#pragma once
struct plan;

/*
 * Joins cgroups, waits for the plan and makes the container's init as a child of its own parent, the monitor. Started early, because
 * joining a cgroup v1 hierarchy waits for an RCU grace period. Never returns.
 */
_Noreturn void sealed_stage(int socket, char *const *cgroup_procs);
/* The same, in a copy of this program that no container can write to. */
_Noreturn void stage(int socket, char *const *cgroup_procs);
