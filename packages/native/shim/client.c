#include "client.h"
#include "become.h"
#include "detach_keys.h"
#include "door.h"
#include "handshake.h"
#include "owner.h"
#include "plan.h"
#include "raw_terminal.h"
#include "signals.h"
#include "util.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static struct {
	int socket, is_primary, is_terminal;
	int owner;                          /* see owner.h; its end is the container's */
	int input, output, errors, signals; /* what is wanted; input and output until they end */
	uint32_t under_way;                 /* bytes of input that the container has not taken */
	struct detach_keys keys;
} me;

static _Noreturn void finish(int code)
{
	raw_terminal_leave();
	_exit(code);
}

/* -1: the monitor is gone, which the next read tells as well. */
static int say(const void *message, size_t size) { return send(me.socket, message, size, MSG_NOSIGNAL) < 0 ? -1 : 0; }

static void say_window(void)
{
	struct winsize size;
	char message[5] = { DOOR_WINDOW };
	if (!me.is_terminal || (ioctl(0, TIOCGWINSZ, &size) < 0 && ioctl(1, TIOCGWINSZ, &size) < 0))
		return;
	memcpy(message + 1, &size.ws_row, 2);
	memcpy(message + 3, &size.ws_col, 2);
	say(message, sizeof message);
}

/*
 * Handlers and no signalfd: a write to a terminal or a pipe that nobody reads at the moment would keep the signals waiting. All that is
 * called here is a system call.
 */
static void on_caller_signal(int number)
{
	int error = errno;
	const char message[] = { DOOR_SIGNAL, (char)number };
	if (number == SIGCONT)
		raw_terminal_again();
	if (number == SIGCONT || number == SIGWINCH) {
		say_window();
	} else if (me.signals) {
		send(me.socket, message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} else {
		raw_terminal_leave();
		signal(number, SIG_DFL);
		raise(number);
	}
	errno = error;
}

static void catch_signals(void)
{
	sigset_t forwarded, none;
	struct sigaction action = { .sa_handler = on_caller_signal };
	sigfillset(&action.sa_mask);
	choose_signals(&forwarded);
	sigdelset(&forwarded, SIGCHLD);
	sigaddset(&forwarded, SIGCONT);
	for (int n = 1; n <= SIGRTMAX; n++)
		if (sigismember(&forwarded, n) == 1)
			sigaction(n, &action, NULL); /* refused for SIGKILL, SIGSTOP and what libc keeps for itself */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A descriptor that somebody else has made non-blocking is waited for. */
static int write_patiently(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);
		struct pollfd slow = { .fd = fd, .events = POLLOUT };
		if (n >= 0) {
			bytes += n;
			size -= (size_t)n;
		} else if (errno == EAGAIN) {
			poll(&slow, 1, -1);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

static void show(int fd, const char *bytes, size_t size)
{
	int *wanted = fd == 1 ? &me.output : &me.errors;
	const char gone[] = { DOOR_READER_GONE, (char)fd };
	if (!*wanted || write_patiently(fd, bytes, size) == 0)
		return;
	if (me.is_terminal && me.owner < 0)
		finish(128 + SIGHUP); /* the terminal is gone; the container is not */
	if (!me.is_primary)
		finish(128 + SIGPIPE);
	*wanted = 0;
	say(gone, sizeof gone);
}

static void type(void)
{
	char typed[DOOR_BYTES - sizeof me.keys.keys], message[1 + DOOR_BYTES] = { DOOR_INPUT };
	size_t size;
	ssize_t n = read(0, typed, sizeof typed);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		const char end = DOOR_INPUT_END, hangup[] = { DOOR_SIGNAL, SIGHUP };
		me.input = 0;
		if (!me.is_terminal || me.owner >= 0) {
			say(&end, 1);
			return;
		}
		/* In raw mode ^D is a key like any other: only a terminal that is gone has an end. */
		if (me.signals)
			say(hangup, sizeof hangup);
		finish(128 + SIGHUP);
	}
	int detached = detach_keys_filter(&me.keys, typed, (size_t)n, message + 1, &size);
	if (size > 0 && say(message, size + 1) == 0)
		me.under_way += (uint32_t)size;
	if (detached)
		finish(0);
}

static void attached(int is_terminal, int takes_input)
{
	me.is_terminal = is_terminal;
	me.input = me.input && takes_input;
	if (!is_terminal)
		me.keys.count = 0; /* bytes of a pipe are nobody's keys */
	else if (me.input && raw_terminal_enter() < 0)
		me.keys.count = 0;
	say_window();
}

static void hear(const char *message, size_t size)
{
	int32_t code = EXIT_RT;
	uint32_t taken = 0;
	switch ((enum door_answer)message[0]) {
	case DOOR_ATTACHED:
		if (size >= 3)
			attached(message[1], message[2]);
		return;
	case DOOR_OUTPUT: show(1, message + 1, size - 1); return;
	case DOOR_ERRORS: show(2, message + 1, size - 1); return;
	case DOOR_TAKEN:
		memcpy(&taken, message + 1, size >= 5 ? sizeof taken : 0);
		me.under_way -= taken < me.under_way ? taken : me.under_way;
		return;
	case DOOR_EXIT:
		memcpy(&code, message + 1, size >= 5 ? sizeof code : 0);
		finish(code);
	}
}

/* Nobody is left who could want the container. */
static _Noreturn void end_container(void)
{
	const char stop = DOOR_STOP, kill[] = { DOOR_SIGNAL, SIGKILL };
	if (say(&stop, 1) == 0)
		say(kill, sizeof kill);
	finish(128 + SIGKILL);
}

static _Noreturn void stand_by(void)
{
	static char message[1 + DOOR_BYTES];
	int is_attached = 0;
	catch_signals();
	for (;;) {
		int room = me.under_way + DOOR_BYTES <= DOOR_WINDOW_BYTES;
		struct pollfd fds[] = {
			{ .fd = me.socket, .events = POLLIN },
			{ .fd = is_attached && me.input && room ? 0 : -1, .events = POLLIN },
			{ .fd = me.owner, .events = POLLIN },
		};
		if (poll(fds, 3, -1) < 0)
			continue; /* a signal, which is handled by now */
		if (fds[0].revents) {
			ssize_t size = recv(me.socket, message, sizeof message, MSG_DONTWAIT);
			if (size < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
				continue; /* ECONNRESET comes before the last messages where the monitor has not read all of ours */
			if (size <= 0) {
				raw_terminal_leave();
				fail_text("the container's monitor was killed, and the container with it");
				_exit(128 + SIGKILL);
			}
			is_attached = 1;
			hear(message, (size_t)size);
		}
		if (fds[1].revents)
			type();
		if (fds[2].revents && owner_is_gone(me.owner))
			end_container();
	}
}

static void be(int socket, int owner, int primary, const char *wants, const char *keys)
{
	me.socket = socket;
	me.owner = owner;
	me.is_primary = primary;
	me.input = strchr(wants, 'i') != NULL;
	me.output = strchr(wants, 'o') != NULL;
	me.errors = strchr(wants, 'e') != NULL;
	me.signals = strchr(wants, 's') != NULL;
	if (detach_keys_read(&me.keys, keys) < 0)
		broken("the keys to detach are too many");
}

_Noreturn void client(int plan_fd, int socket, int lock, const char *wants, const char *keys, int owner)
{
	struct plan plan;
	struct record r;
	struct message result;
	int fds[2];
	if (plan_open(&plan, plan_fd) < 0)
		broken("the plan is damaged or of another version of rt");
	be(socket, owner, 1, wants, keys);
	if (receive_message(socket, &result, sizeof result, fds) <= 0)
		broken("the container's monitor was killed");
	if (result.kind == MSG_FAILURE) {
		owner_failed(owner, &result);
		report_failure(&plan, &result);
	}
	/* Until here it was ours as well, so that nobody else cleans up after a start that fails. */
	close(lock);
	owner_started(owner, result.value);
	if (!plan_find(&plan, PHASE_MONITOR, OP_DETACH, &r))
		stand_by();
	if (owner >= 0)
		_exit(0);
	char line[256], *end = put_text(line, arg(&r, 0));
	*end++ = '\n';
	_exit(write_all(1, line, (size_t)(end - line)) < 0 ? EXIT_RT : 0);
}

_Noreturn void attach(const char *door, const char *wants, const char *keys)
{
	int socket = door_connect(door);
	if (socket < 0)
		broken("the container has ended");
	be(socket, -1, 0, wants, keys);
	const char hello[] = { DOOR_ATTACH, (char)((me.input ? DOOR_WANTS_INPUT : 0) | DOOR_WANTS_OUTPUT) };
	if (say(hello, sizeof hello) < 0)
		broken("the container has ended");
	stand_by();
}
