#pragma once
struct message;
struct plan;
struct record;

/* Becomes the program of a record, with further arguments (NULL-terminated, `count` of them) at its end. */
_Noreturn void become_program(const struct record *r, char *const *more, unsigned count);
/* Becomes the program that has words for a failure: OP_ON_FAILURE with step, errno and detail. */
_Noreturn void report_failure(const struct plan *plan, const struct message *failure);
