#include "background.h"
#include "become.h"
#include "door.h"
#include "events.h"
#include "handshake.h"
#include "host.h"
#include "init.h"
#include "launch.h"
#include "lines.h"
#include "log.h"
#include "oom.h"
#include "plan.h"
#include "rest.h"
#include "restart.h"
#include "serve.h"
#include "signals.h"
#include "status.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct box {
	struct plan plan;
	struct served served;
	struct restart restart;
	const char *kinds;
	int lock, plan_fd, netns; /* the last two are kept only where it may be started again */
	int door, signals;
};

/*
 * What is only to be held (the sockets that keep published ports of the host from others) as long as this process lives, then the lock,
 * then plan and network namespace. Ends where rt failed, or was killed, before it had them.
 */
static void receive_plan(int socket, struct box *box)
{
	struct message message;
	int fds[MOST_FDS];
	do
		if (receive_fds(socket, &message, sizeof message, fds, MOST_FDS) <= 0)
			_exit(0);
	while (message.kind == MSG_HOLD);
	box->lock = fds[0];
	if (receive_message(socket, &message, sizeof message, fds) <= 0)
		_exit(0);
	box->plan_fd = fds[0];
	box->netns = fds[1];
}

/* Waits until the program is executed; 0 and the message where it is not. */
static int run_begins(struct box *box, int stage, struct message *last)
{
	int master = -1;
	pid_t init = 0;
	if (send_plan(stage, box->plan_fd, box->netns) < 0) {
		*last = (struct message){ .kind = MSG_FAILURE, .value = STEP_STAGE, .error = errno };
		close(stage);
		return 0;
	}
	streams_give(&box->served.streams);
	int started = handshake(stage, &init, &master, last);
	close(stage);
	if (started && master >= 0 && streams_terminal(&box->served.streams, master) < 0)
		started = 0;
	if (!started) {
		if (init > 0 && kill(init, SIGKILL) < 0)
			errno = 0; /* it has ended by itself */
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
		return 0;
	}
	box->served.init = init;
	restart_begin(&box->restart);
	write_status(&box->plan, init, box->restart.count);
	remove_exit(&box->plan);
	append_event(&box->plan, EVENT_START, 0);
	return 1;
}

/* Until the first process has ended and all that was written has been read. Answers its wait status. */
static int run_goes_on(struct box *box)
{
	int status = 0;
	/* It may have ended while SIGCHLD was not blocked yet. */
	if (on_signal(SIGCHLD, box->served.init, &status))
		box->served.init = 0;
	while (box->served.init > 0)
		serve(&box->served, box->door, box->signals, -1, &status);
	kill_rest(&box->plan);
	while (!serve_rest(&box->served))
		serve(&box->served, box->door, box->signals, -1, &status);
	log_end();
	streams_close(&box->served.streams);
	return status;
}

/* 1: the next run has begun. 0: there will be none, and `status` says how the last one ended. */
static int run_again(struct box *box, int *status)
{
	struct message last;
	long long until = monotonic_milliseconds() + restart_delay(&box->restart), left;
	while ((left = until - monotonic_milliseconds()) > 0 && !box->served.stopped)
		serve(&box->served, box->door, box->signals, (int)left, status);
	if (restart_is_forbidden(&box->restart, box->served.stopped))
		return 0;
	box->restart.count++;
	int stage = streams_open(&box->served.streams, box->kinds) < 0 ? -1 : start_stage(&box->plan, &box->served.streams);
	if (stage < 0 || !run_begins(box, stage, &last)) {
		streams_close(&box->served.streams);
		*status = EXIT_RT << 8;
		return 0;
	}
	/* Who stops it makes the file first and then reads our status: now either of us sees what the other has written. */
	if (restart_is_forbidden(&box->restart, 0) && kill(box->served.init, SIGKILL) < 0)
		errno = 0; /* it has ended by itself */
	return 1;
}

/* What the shim cannot perform TypeScript does: `rt _leave ID CODE`, as a child, because there are clients to be told of the end yet. */
static void clean_up(const struct box *box, int code)
{
	struct record r;
	if (!leave_is_beyond(&box->plan, &r)) {
		leave(&box->plan);
		append_event(&box->plan, EVENT_DESTROY, 0);
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		char text[16], *more[] = { text, NULL };
		*put_number(text, code) = 0;
		become_program(&r, more, 1);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void runs(struct box *box)
{
	for (;;) {
		unsigned long long killed = oom_kills(&box->plan);
		int status = run_goes_on(box), oom = oom_kills(&box->plan) > killed;
		int more = restart_wanted(&box->restart, status != 0, box->served.stopped);
		write_exit(&box->plan, status, more ? (oom ? " oom restarting" : " restarting") : oom ? " oom" : "");
		append_end(&box->plan, exit_code(status), oom);
		if (more) {
			clients_end(exit_code(status), &box->served);
			if (run_again(box, &status))
				continue;
			write_exit(&box->plan, status, oom ? " oom" : "");
		}
		clean_up(box, exit_code(status));
		/* It is over before anybody is told, so that whoever was told finds it so, and may have its name. */
		close(box->lock);
		clients_accept(box->door, &box->served);
		close(box->door);
		clients_end(exit_code(status), &box->served);
		return;
	}
}

static void prepare(struct box *box)
{
	struct record r;
	box->signals = take_signals();
	box->door = plan_find(&box->plan, PHASE_MONITOR, OP_DOOR, &r) ? door_open(arg(&r, 0)) : -1;
	box->served.spool = plan_find(&box->plan, PHASE_MONITOR, OP_SPOOL, &r) ? arg(&r, 0) : "/";
	log_open(&box->plan);
	if (lines_keep_open(&box->plan) < 0)
		errno = 0; /* a missing file stops the stage, which mounts it */
	restart_read(&box->restart, &box->plan);
}

/* That the stage has a network namespace, which rt is going to furnish. */
static int pass_on(int stage, int socket)
{
	struct message made;
	int fds[2];
	return receive_message(stage, &made, sizeof made, fds) <= 0 ? -1 : send_message(socket, &made, -1);
}

_Noreturn void background(int socket, const char *kinds, char *const *cgroups)
{
	static struct box box;
	struct message last = { 0 };
	struct record r;
	box.kinds = kinds;
	if (setsid() < 0 || keep_only(socket) < 0 || streams_open(&box.served.streams, kinds) < 0)
		_exit(EXIT_RT);
	int new_network = strchr(kinds, 'n') != NULL;
	int stage = fork_stage(cgroups, &box.served.streams, new_network);
	if (stage < 0 || streams_let_go() < 0 || (new_network && pass_on(stage, socket) < 0))
		_exit(EXIT_RT);
	receive_plan(socket, &box);
	if (plan_open(&box.plan, box.plan_fd) < 0)
		_exit(EXIT_RT);
	prepare(&box);
	if (box.signals < 0 || !run_begins(&box, stage, &last))
		_exit(send_message(socket, &last, -1) < 0 ? EXIT_RT : 0);
	if (box.restart.policy == RESTART_NO) {
		/* The network namespace lives as long as somebody is in it, and that is the container alone from here on. */
		close(box.plan_fd);
		if (box.netns >= 0)
			close(box.netns);
		box.netns = -1;
	}
	struct message started = { .kind = MSG_INIT_PID, .value = box.served.init };
	/* Where the caller was killed meanwhile: the container was asked for and goes on. */
	if (send_message(socket, &started, -1) == 0 && !plan_find(&box.plan, PHASE_MONITOR, OP_DETACH, &r))
		client_add(socket, 1, &box.served);
	else
		close(socket);
	runs(&box);
	int status;
	while (clients_left())
		serve(&box.served, -1, -1, -1, &status);
	_exit(0);
}
