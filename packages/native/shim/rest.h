/* Processes that are left of a container whose pid namespace is not its own, and so does not end with its first process. */
#pragma once
struct plan;

/* Ends all of a cgroup, and waits until it is empty, for ten seconds at the most. A cgroup that is not there is empty. */
int kill_cgroup(const char *path);
/* Ends all of the container's, where its plan says so. A failure is said and survived. */
void kill_rest(const struct plan *plan);
