#pragma once

/* Executes a copy of this program as `rt-shim sealed SOCKET net|- [CGROUP...]`. Answers only where it fails, with errno. */
void run_copy(int socket, int new_network, char *const *cgroups);
