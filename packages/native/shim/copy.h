#pragma once

/* Executes a copy of this program as `rt-shim sealed SOCKET [cgroup.procs...]`. Answers only where it fails, with errno. */
void run_copy(int socket, char *const *cgroup_procs);
