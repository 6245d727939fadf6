#include "monitor.h"
#include "handshake.h"
#include "host.h"
#include "plan.h"
#include "relay.h"
#include "stage.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_RT = 125 };

extern char **environ;

static _Noreturn void broken(const char *what)
{
	fail_text(what);
	_exit(EXIT_RT);
}

/* Signals that mean something to the caller's own job control, or to us, stay ours; all others are the container's. */
static void choose_signals(sigset_t *set)
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

static char *put_time(char *at)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return put_number(at, now.tv_sec * 1000000000ll + now.tv_nsec);
}

/* Field 22 of /proc/pid/stat: with it a pid names one process for ever. The name in field 2 may hold anything, even `) `. */
static const char *start_time(pid_t pid, char *stat, size_t size)
{
	char path[48];
	*put_text(put_number(put_text(path, "/proc/"), pid), "/stat") = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, stat, size - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return "0";
	stat[n] = 0;
	char *field = strrchr(stat, ')');
	for (int i = 2; field && i < 22; i++)
		if ((field = strchr(field, ' ')))
			field++;
	if (!field)
		return "0";
	char *end = strchr(field, ' ');
	if (end)
		*end = 0;
	return field;
}

/* "PID STARTTIME NANOSECONDS\n" */
static void write_status(const struct plan *plan, pid_t init)
{
	char stat[512], line[640];
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_STATUS_FILE, &r))
		return;
	char *end = put_number(line, init);
	*end++ = ' ';
	end = put_text(end, start_time(init, stat, sizeof stat));
	*end++ = ' ';
	*put_text(put_time(end), "\n") = 0;
	if (write_file(arg(&r, 0), line) < 0)
		fail_text("the container runs, but its status file could not be written");
}

/* "CODE SIGNAL NANOSECONDS\n" */
static void write_exit(const struct plan *plan, int status)
{
	char line[64];
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_EXIT_FILE, &r))
		return;
	char *end = put_number(line, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	*end++ = ' ';
	end = put_number(end, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	*end++ = ' ';
	*put_text(put_time(end), "\n") = 0;
	if (write_file(arg(&r, 0), line) < 0)
		fail_text("the exit status of the container could not be kept");
}

/* Becomes the program of a record, with further arguments at its end. */
static _Noreturn void become(const struct record *r, char *const *more, unsigned count)
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

/* TypeScript knows the words and what has to be undone. */
static _Noreturn void report(const struct plan *plan, const struct message *failure)
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

static void start_stage(const struct plan *plan, int *socket)
{
	int pair[2];
	struct record r = { 0 };
	unsigned count = 0;
	while (plan_next(plan, PHASE_MONITOR, &r))
		count += r.op == OP_CGROUP;
	char *cgroups[count + 1];
	count = 0;
	r.next = NULL;
	while (plan_next(plan, PHASE_MONITOR, &r))
		if (r.op == OP_CGROUP)
			cgroups[count++] = (char *)arg(&r, 0);
	cgroups[count] = NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		broken("no socket for the container's first process");
	pid_t pid = fork();
	if (pid < 0)
		broken("no process for the container");
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close(pair[0]);
		stage(pair[1], cgroups);
	}
	close(pair[1]);
	*socket = pair[0];
}

static int send_plan(int socket, int plan_fd, int netns)
{
	struct message go = { .kind = 'G' };
	struct iovec iov = { &go, sizeof go };
	int fds[2] = { plan_fd, netns }, count = netns < 0 ? 1 : 2;
	union {
		char bytes[CMSG_SPACE(sizeof fds)];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes };
	msg.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Listens until the user's program has been executed (1) or something failed (0, with the message). */
static int handshake(int socket, pid_t *init, int *master, struct message *last)
{
	int fds[2], size;
	memset(last, 0, sizeof *last);
	while ((size = receive_message(socket, last, sizeof *last, fds)) > 0) {
		last->detail[sizeof last->detail - 1] = 0;
		switch ((enum message_kind)last->kind) {
		case MSG_INIT_PID: *init = last->value; break;
		case MSG_TERMINAL: *master = fds[0]; break;
		case MSG_FAILURE: return 0;
		case MSG_TEST_STOP: raise(SIGKILL); break;
		}
	}
	if (size == 0 && *init > 0)
		return 1;
	*last = (struct message){ .kind = MSG_FAILURE, .value = STEP_STAGE, .error = size < 0 ? errno : ECHILD };
	return 0;
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
		start_stage(&plan, &socket);
		if (send_plan(socket, plan_fd, netns) < 0)
			broken("the container's first process is gone");
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
	write_status(&plan, init_pid);
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
	write_exit(&plan, status);
	leave(&plan);

	int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	if (plan_find(&plan, PHASE_MONITOR, OP_ON_LEAVE, &r)) {
		char text[16], *more[] = { text, NULL };
		*put_number(text, code) = 0;
		become(&r, more, 1);
	}
	_exit(code);
}
