/* rt run --init: what stays behind as the container's first process when the program is its child. */
#include "plan.h"
#include "sandbox.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Signals that everybody but the kernel sends to the first process are meant for the program. They stay blocked: the kernel drops what
 * a first process neither handles nor blocks, but keeps what it blocks for sigwaitinfo.
 */
static void choose_signals(sigset_t *set)
{
	static const int faults[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS };
	sigfillset(set);
	for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(set, faults[i]);
}

/* Every orphan of the container is handed to the first process; one that is not waited for stays a zombie. */
static void reap(pid_t program)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == program) /* and with it all others: the kernel ends a pid namespace with its first process */
			_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static _Noreturn void supervise(const sigset_t *signals, pid_t program)
{
	for (;;) {
		int number = sigwaitinfo(signals, NULL);
		if (number == SIGCHLD)
			reap(program);
		else if (number > 0 && kill(program, number) < 0 && errno != ESRCH)
			_exit(1); /* never: it is our own child, and as long as we have not waited for it the number is its own */
	}
}

/* In a process group of its own and in front, so that ^C of the terminal reaches it once, and not through us again. */
static int to_the_front(const struct sandbox *s)
{
	sigset_t none;
	if (setpgid(0, 0) < 0 || (s->has_terminal && tcsetpgrp(0, getpid()) < 0))
		return -1;
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Answers in the child. */
int do_init(struct sandbox *s, const struct record *r)
{
	sigset_t signals;
	(void)r;
	s->detail = "fork";
	choose_signals(&signals);
	if (sigprocmask(SIG_SETMASK, &signals, NULL) < 0)
		return -1;
	pid_t program = fork();
	if (program < 0)
		return -1;
	if (program == 0)
		return to_the_front(s);
	/*
	 * The monitor takes the end of the socket for the program's exec, so the program alone may hold it. The plan names files of the host, and
	 * the working directory may be on a mount that somebody wants to take away.
	 */
	if (close(s->socket) < 0 || plan_close(s->plan) < 0 || (s->root >= 0 && close(s->root) < 0) || chdir("/") < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || prctl(PR_SET_NAME, "rt-init", 0, 0, 0) < 0)
		_exit(1);
	supervise(&signals, program);
}
