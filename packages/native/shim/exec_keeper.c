#include "exec_keeper.h"
#include "handshake.h"
#include "launch.h"
#include "streams.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct keeper {
	int client;  /* -1: gone */
	int master;  /* of the program's terminal; -1: none */
	int signals;
	pid_t program;
};

static void tell(struct keeper *k, const struct message *m, int fd)
{
	if (k->client >= 0 && send_message(k->client, m, fd) < 0) {
		close(k->client);
		k->client = -1; /* killed meanwhile; the program was asked for and goes on */
	}
}

/* What the client passes on. By us, because only who waits for the program knows that its number is still its own. */
static void hear(struct keeper *k)
{
	struct message m;
	int fds[2];
	if (receive_message(k->client, &m, sizeof m, fds) <= 0) {
		close(k->client);
		k->client = -1;
	} else if (m.kind == MSG_SIGNAL && kill(k->program, m.value) < 0) {
		errno = 0; /* it ends just now, or the signal is none: nobody waits for an answer */
	}
}

/* A terminal is hung up when its master closes, and stands still when nobody reads. */
static void drain(struct keeper *k)
{
	char buffer[4096];
	ssize_t n = read(k->master, buffer, sizeof buffer);
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
		close(k->master);
		k->master = -1;
	}
}

static _Noreturn void keep(struct keeper *k)
{
	for (;;) {
		struct signalfd_siginfo info;
		struct pollfd fds[] = {
			{ .fd = k->signals, .events = POLLIN },
			{ .fd = k->client, .events = POLLIN },
			{ .fd = k->client < 0 ? k->master : -1, .events = POLLIN },
		};
		int status;
		pid_t pid;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == k->program) {
				tell(k, &(struct message){ .kind = MSG_ENDED, .value = status }, -1);
				_exit(0);
			}
		if (poll(fds, 3, -1) < 0)
			continue; /* EINTR */
		if (fds[0].revents && read(k->signals, &info, sizeof info) < 0)
			continue; /* only that there was one matters */
		if (fds[1].revents)
			hear(k);
		if (fds[2].revents)
			drain(k);
	}
}

_Noreturn void exec_keeper(int client, char *const *cgroups)
{
	/* None of ours: the program gets the caller's own descriptors, which the stage has inherited. */
	static const struct streams own = { .child = { -1, -1, -1 } };
	struct keeper k = { .client = client, .master = -1, .signals = -1 };
	struct message m = { .kind = MSG_FAILURE, .value = STEP_STAGE };
	int fds[2], inner;
	sigset_t all;

	if (fcntl(client, F_SETFD, FD_CLOEXEC) < 0)
		_exit(1);
	setsid(); /* fails where this process leads a group already, which then is its own */
	inner = fork_stage(cgroups, &own, 0);
	m.error = errno;
	struct message go;
	if (receive_message(client, &go, sizeof go, fds) <= 0)
		_exit(0); /* rt failed or was killed before it had a plan; the other one sees its socket close */
	/* The program's stage is on its way meanwhile, but waits with its last step until the caller's process takes signals. */
	if (inner >= 0 && send_plan(inner, fds[0], fds[1]) == 0 && close(fds[0]) == 0 && close(fds[1]) == 0) {
		if (receive_message(client, &go, sizeof go, fds) <= 0)
			_exit(0);
		k.program = handshake(inner, &k.program, &k.master, &m) ? k.program : 0;
	}
	if (k.program <= 0) {
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
		tell(&k, &m, -1);
		_exit(1);
	}
	close(inner);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL); /* cannot fail with these arguments */
	k.signals = signalfd(-1, &all, SFD_CLOEXEC);
	tell(&k, &(struct message){ .kind = MSG_INIT_PID, .value = (int)k.program }, k.master);
	if (k.signals < 0 || streams_let_go() < 0 || chdir("/") < 0)
		_exit(1);
	keep(&k);
}
