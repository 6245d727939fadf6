#pragma once
struct plan;

/* How often the kernel has killed a process of the container's cgroup for want of memory; 0 where nobody counts. */
unsigned long long oom_kills(const struct plan *);
