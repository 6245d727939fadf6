#pragma once
#include <sys/types.h>

/*
 * Mounts the file `source` of the host in the place of what is mounted at `target` in the mount namespace of the process behind `pidfd`, a
 * container's first. 0, or -1 with errno: ENOSYS before Linux 5.2, ESRCH where the process has ended. The caller is in that namespace afterwards.
 */
int rebind(int pidfd, pid_t pid, const char *source, const char *target);
