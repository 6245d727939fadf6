#pragma once

/*
 * What `rt exec` becomes: stands by until a program that its keeper brings into a container has ended, and ends alike. Never returns.
 * `owner`: see owner.h.
 */
_Noreturn void exec_monitor(int plan_fd, int keeper, int owner);
