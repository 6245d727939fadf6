#include "monitor.h"
#include "become.h"
#include "events.h"
#include "handshake.h"
#include "host.h"
#include "launch.h"
#include "lines.h"
#include "oom.h"
#include "plan.h"
#include "rest.h"
#include "signals.h"
#include "status.h"
#include "util.h"
#include <errno.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int next_signal(int signals, pid_t init, int *status)
{
	struct signalfd_siginfo info;
	return read(signals, &info, sizeof info) == sizeof info && on_signal((int)info.ssi_signo, init, status);
}

_Noreturn void monitor(int plan_fd, int socket)
{
	struct plan plan;
	struct record r;
	struct message last;
	pid_t init_pid = 0;
	int master = -1, status = 0;
	if (plan_open(&plan, plan_fd) < 0)
		broken("the plan is damaged or of another version of rt");
	int signals = take_signals();
	if (signals < 0)
		broken("no descriptor for signals");
	close(plan_fd);
	if (lines_keep_open(&plan) < 0)
		errno = 0; /* a missing file stops the stage, which mounts it */
	if (!handshake(socket, &init_pid, &master, &last)) {
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
		report_failure(&plan, &last);
	}
	close(socket);
	write_status(&plan, init_pid, 0);
	append_event(&plan, EVENT_START, 0);

	/* The stage set off before this process was the monitor: its SIGCHLD may have come while that was not blocked yet. */
	int ended = on_signal(SIGCHLD, init_pid, &status);
	while (!ended)
		ended = next_signal(signals, init_pid, &status);
	kill_rest(&plan);
	int code = exit_code(status), oom = oom_kills(&plan) > 0;
	write_exit(&plan, status, oom ? " oom" : "");
	append_end(&plan, code, oom);
	if (leave_is_beyond(&plan, &r)) {
		char text[16], *more[] = { text, NULL };
		*put_number(text, code) = 0;
		become_program(&r, more, 1);
	}
	leave(&plan);
	append_event(&plan, EVENT_DESTROY, 0);
	_exit(code);
}
