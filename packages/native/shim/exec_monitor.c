#include "exec_monitor.h"
#include "become.h"
#include "exec_relay.h"
#include "handshake.h"
#include "launch.h"
#include "plan.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_RT = 125 };

/* Signals that mean something to the caller's own job control, or to us, stay ours; all others are the program's. */
static int open_signals(void)
{
	static const int own[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGPIPE, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	sigset_t set;
	sigfillset(&set);
	for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&set, own[i]);
	signal(SIGPIPE, SIG_IGN);
	return sigprocmask(SIG_SETMASK, &set, NULL) < 0 ? -1 : signalfd(-1, &set, SFD_CLOEXEC);
}

/*
 * The program goes on alone: its parent is then the host's init, and it ends with the container at the latest. Only its terminal needs
 * somebody at the other end, because the kernel hangs up one without a master.
 */
static _Noreturn void leave_alone(int master)
{
	if (master < 0)
		_exit(0);
	pid_t pid = fork();
	if (pid != 0)
		_exit(pid < 0 ? EXIT_RT : 0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(EXIT_RT);
	exec_relay_drain(master);
	_exit(0);
}

_Noreturn void exec_monitor(int plan_fd, int socket)
{
	struct plan plan;
	struct record enter, r;
	struct message last;
	int master = -1, signals = open_signals(), status = 0;
	pid_t program = 0;
	if (plan_open(&plan, plan_fd) < 0 || !plan_find(&plan, PHASE_MONITOR, OP_ENTER, &enter) || signals < 0) {
		fail_text("the program could not be brought into the container");
		_exit(EXIT_RT);
	}
	close(plan_fd);
	if (!handshake(socket, &program, &master, &last)) {
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
		report_failure(&plan, &last);
	}
	close(socket);
	if (plan_find(&plan, PHASE_MONITOR, OP_DETACH, &r))
		leave_alone(master);
	if (master >= 0) {
		struct exec_relay relay = {
			.master = master,
			.signals = signals,
			.interactive = !plan_find(&plan, PHASE_MONITOR, OP_STDIN_NULL, &r),
		};
		relay.keys = arg_bytes(&enter, 1, &relay.key_count);
		if (exec_relay_run(&relay, program, &status) == EXEC_DETACHED)
			leave_alone(master);
	} else {
		/* The stage sets off before this process stands by: a short program may have ended while SIGCHLD was not blocked yet. */
		for (int ended = exec_reap(program, &status); !ended;)
			ended = exec_signal(signals, program, &status, -1);
	}
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
