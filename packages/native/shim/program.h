#pragma once
#include "plan.h"

/* Runs a program of the host to its end: a clean-up that has no system call (iptables, nft). 0, or -1 with errno and *detail. */
int run_program(const struct record *rec, const char **detail);
