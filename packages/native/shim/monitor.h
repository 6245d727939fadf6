#pragma once

/*
 * What rt becomes where the program has the caller's own descriptors: stands behind the container until it ends, cleans up, and exits as
 * the program did. `socket`: of a stage that has the plan already. Never returns.
 */
_Noreturn void monitor(int plan_fd, int socket);
