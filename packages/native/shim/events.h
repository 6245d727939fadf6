#pragma once
struct plan;

/* Each the argument of OP_EVENT with the beginning of its line; argument 0 is the journal. */
enum event { EVENT_START = 1, EVENT_DIE, EVENT_OOM, EVENT_DESTROY };

/* Appends one line to the journal of `rt events`, where the plan has the event. A failure is said and survived. */
void append_event(const struct plan *plan, enum event event, int exit_code);
/* The end of a run, and before it the reason where the kernel was short of memory. */
void append_end(const struct plan *plan, int exit_code, int oom);
