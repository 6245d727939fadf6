#pragma once
#include "plan.h"

/* Executes one host operation: 0, or -1 with errno and *detail. All but tree.copy and programs are idempotent. */
int perform_host(const struct record *rec, const char **detail);
/* All records of the host phase; goes on after an error, answers how many failed. */
int leave(const struct plan *plan);
/*
 * 1 and the program that is to do it where the steps here are not the ones, or not all: one is beyond C, or some came while the container
 * ran, which are on disk only.
 */
int leave_is_beyond(const struct plan *plan, struct record *program);
