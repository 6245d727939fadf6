#pragma once
#include "plan.h"

/* Executes one host operation: 0, or -1 with errno and *detail. All but tree.copy and programs are idempotent. */
int perform_host(const struct record *rec, const char **detail);
/* All records of the host phase; goes on after an error, answers how many failed. */
int leave(const struct plan *plan);
