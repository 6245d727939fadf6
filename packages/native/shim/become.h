#pragma once
struct message;
struct plan;
struct record;

/* What rt exits with when it could not do its own part, as Docker does. */
enum { EXIT_RT = 125 };

/* Becomes the program of a record, with further arguments (NULL-terminated, `count` of them) at its end. */
_Noreturn void become_program(const struct record *r, char *const *more, unsigned count);
/* Becomes the program that has words for a failure, and knows what has to be undone: OP_ON_FAILURE with step, errno and detail. */
_Noreturn void report_failure(const struct plan *plan, const struct message *failure);
/* For failures that are nobody's step. */
_Noreturn void broken(const char *what);
