#include "become.h"
#include "handshake.h"
#include "plan.h"
#include "util.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

_Noreturn void broken(const char *what)
{
	fail_text(what);
	_exit(EXIT_RT);
}

_Noreturn void become_program(const struct record *r, char *const *more, unsigned count)
{
	char *argv[r->argc + count + 1];
	sigset_t none;
	arg_vector(r, 0, r->argc, argv);
	memcpy(argv + r->argc, more, (count + 1) * sizeof *argv);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */
	execve(argv[0], argv, environ);
	broken("the program that explains failures cannot be started");
}

_Noreturn void report_failure(const struct plan *plan, const struct message *failure)
{
	char step[16], error[16];
	char *more[] = { step, error, (char *)failure->detail, NULL };
	struct record r;
	*put_number(step, failure->value) = 0;
	*put_number(error, failure->error) = 0;
	if (!plan_find(plan, PHASE_MONITOR, OP_ON_FAILURE, &r))
		broken("a step failed, and nobody is there to say which");
	become_program(&r, more, 3);
}
