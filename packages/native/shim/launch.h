#pragma once
#include "handshake.h"
#include <sys/types.h>
struct plan;
struct streams;

/* Forks a stage; answers our end of its socket, or -1. Its program gets the ends of the pipes. */
int start_stage(const struct plan *plan, const struct streams *streams);
/* The same before there is a plan. `cgroups`, directories, ends with a NULL. */
int fork_stage(char *const *cgroups, const struct streams *streams, int new_network);
/* Hands it the plan, and the network namespace where there is one (-1: none). */
int send_plan(int socket, int plan_fd, int netns);
/* Lets the program begin, and listens until it has been executed (1) or something failed (0, with the message). */
int handshake(int socket, pid_t *init, int *master, struct message *last);
