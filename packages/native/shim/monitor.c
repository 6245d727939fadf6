#include "monitor.h"
#include "events.h"
#include "handshake.h"
#include "host.h"
#include "launch.h"
#include "oom.h"
#include "plan.h"
#include "relay.h"
#include "status.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

_Noreturn void broken(const char *what)
{
	fail_text(what);
	_exit(EXIT_RT);
}

void choose_signals(sigset_t *set)
{
	static const int own[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGPIPE, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	sigfillset(set);
	for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(set, own[i]);
}

int on_signal(int number, pid_t init, int *status, const struct relay *relay)
{
	if (number == SIGWINCH) {
		if (relay)
			relay_resize(relay);
		return 0;
	}
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

_Noreturn void become(const struct record *r, char *const *more, unsigned count)
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

_Noreturn void report(const struct plan *plan, const struct message *failure)
{
	char step[16], error[16];
	char *more[] = { step, error, (char *)failure->detail, NULL };
	struct record r;
	*put_number(step, failure->value) = 0;
	*put_number(error, failure->error) = 0;
	if (!plan_find(plan, PHASE_MONITOR, OP_ON_FAILURE, &r))
		broken("the container could not be started");
	become(&r, more, 3);
}

/* Forks: the caller gets its prompt back once the program has been executed, and an error if it could not be. */
static int detach(const struct plan *plan, const char *announce)
{
	int pair[2], fds[2];
	struct message result;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		broken("no socket to the background");
	pid_t pid = fork();
	if (pid < 0)
		broken("no process for the background");
	if (pid > 0) {
		close(pair[1]);
		if (receive_message(pair[0], &result, sizeof result, fds) <= 0)
			broken("the container's monitor was killed");
		if (result.kind == MSG_FAILURE)
			report(plan, &result);
		char line[256], *end = put_text(line, announce);
		*end++ = '\n';
		_exit(write_all(1, line, (size_t)(end - line)) < 0 ? EXIT_RT : 0);
	}
	close(pair[0]);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(EXIT_RT);
	close(null);
	return pair[1];
}

int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static int next_signal(int signals, pid_t init, int *status)
{
	struct signalfd_siginfo info;
	return read(signals, &info, sizeof info) == sizeof info && on_signal((int)info.ssi_signo, init, status, NULL);
}

_Noreturn void monitor(int plan_fd, int socket, int netns)
{
	struct plan plan;
	struct record r;
	struct message last;
	struct relay relay = { .master = -1 };
	sigset_t forwarded;
	pid_t init_pid = 0;
	int background = -1, master = -1;
	if (plan_open(&plan, plan_fd) < 0)
		broken("the plan is damaged or of another version of rt");
	if (plan_find(&plan, PHASE_MONITOR, OP_DETACH, &r))
		background = detach(&plan, arg(&r, 0));
	signal(SIGPIPE, SIG_IGN);
	choose_signals(&forwarded);
	sigprocmask(SIG_SETMASK, &forwarded, NULL);
	int signals = signalfd(-1, &forwarded, SFD_CLOEXEC);
	if (signals < 0)
		broken("no descriptor for signals");
	if (socket < 0) {
		socket = start_stage(&plan, NULL);
		if (socket < 0 || send_plan(socket, plan_fd, netns) < 0)
			broken("the container's first process could not be started");
	}
	close(plan_fd);
	/* The network namespace lives as long as somebody is in it, and that is the container alone from here on. */
	if (netns >= 0)
		close(netns);
	if (!handshake(socket, &init_pid, &master, &last)) {
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
		if (background < 0)
			report(&plan, &last);
		_exit(send_message(background, &last, -1) < 0 ? EXIT_RT : 0);
	}
	close(socket);
	write_status(&plan, init_pid, 0);
	append_event(&plan, EVENT_START, 0);
	if (background >= 0) {
		struct message started = { .kind = MSG_INIT_PID, .value = init_pid };
		if (send_message(background, &started, -1) < 0)
			errno = 0; /* the caller was killed meanwhile; the container was asked for and goes on */
		close(background);
	}

	/* The stage sets off before this process is the monitor: a short program may have ended while SIGCHLD was not blocked yet. */
	int status = 0, ended = on_signal(SIGCHLD, init_pid, &status, NULL);
	if (master >= 0 && relay_open(&relay, master, background >= 0) == 0)
		relay_run(&relay, signals, init_pid, ended, &status);
	else
		while (!ended)
			ended = next_signal(signals, init_pid, &status);
	relay_close(&relay);
	int code = exit_code(status), oom = oom_kills(&plan) > 0;
	write_exit(&plan, status, oom ? " oom" : "");
	append_end(&plan, code, oom);
	leave(&plan);
	append_event(&plan, EVENT_DESTROY, 0);

	if (plan_find(&plan, PHASE_MONITOR, OP_ON_LEAVE, &r)) {
		char text[16], *more[] = { text, NULL };
		*put_number(text, code) = 0;
		become(&r, more, 1);
	}
	_exit(code);
}
