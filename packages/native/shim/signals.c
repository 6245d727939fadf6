#include "signals.h"
#include "util.h"
#include <errno.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

void choose_signals(sigset_t *set)
{
	static const int own[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGPIPE, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	sigfillset(set);
	for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(set, own[i]);
}

int take_signals(void)
{
	sigset_t taken;
	signal(SIGPIPE, SIG_IGN);
	choose_signals(&taken);
	return sigprocmask(SIG_SETMASK, &taken, NULL) < 0 ? -1 : signalfd(-1, &taken, SFD_CLOEXEC);
}

int on_signal(int number, pid_t init, int *status)
{
	if (number == SIGWINCH)
		return 0; /* of the caller's terminal, which the program is told of by the kernel or by a client */
	if (number != SIGCHLD) {
		/* ESRCH: it has ended, and SIGCHLD is on its way. */
		if (kill(init, number) < 0 && errno != ESRCH)
			fail_text("a signal could not be forwarded");
		return 0;
	}
	int ended = 0, s;
	pid_t pid;
	while ((pid = waitpid(-1, &s, WNOHANG)) > 0)
		if (pid == init) {
			*status = s;
			ended = 1;
		}
	return ended;
}

int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }
