#pragma once
#include <sys/types.h>

/* Moves this process into all namespaces of the container whose first process `pidfd` stands for, and into its root. -1 with errno. */
int enter_container(int pidfd, pid_t pid);
