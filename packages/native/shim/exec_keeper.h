#pragma once

/*
 * The parent of a program that is brought into a container. Never returns.
 *
 * The kernel ends a pid namespace only when everybody in it has been waited for, so a program's parent must never stand still: not by ^Z,
 * not at a terminal or pipe that takes no more, not by kill -9. The caller's process can do all of that, and so it is only a client of this
 * one, which is in nobody's session, in none of the container's namespaces and control groups, and has nothing else to do.
 */
_Noreturn void exec_keeper(int client, char *const *cgroups);
