#pragma once

/* What `rt exec` becomes: waits for a program that a stage is bringing into a container, and ends as it ends. Never returns. */
_Noreturn void exec_monitor(int plan_fd, int stage_socket);
