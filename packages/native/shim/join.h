/* A namespace of another container. */
#pragma once
struct plan;

/* Enters those that the plan names, for what is cloned after it; 0, or -1 and errno: ESRCH where that container has ended. */
int join_namespaces(const struct plan *plan);
