#pragma once
#include "clients.h"

/* Once around: waits for what comes, for `timeout` milliseconds at the most (-1: without end). */
void serve(struct served *, int door, int signals, int timeout, int *wait_status);
/* Reads what has been written and nobody has taken yet, after its first process has ended. 0: the primary client holds it back. */
int serve_rest(struct served *);
