#include "exec_relay.h"
#include "handshake.h"
#include "raw_terminal.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static void resize(int master)
{
	struct winsize size;
	if (ioctl(0, TIOCGWINSZ, &size) == 0 || ioctl(1, TIOCGWINSZ, &size) == 0)
		ioctl(master, TIOCSWINSZ, &size); /* fails only when the program has gone, which is noticed elsewhere */
}

static void pass_signal(const struct exec_relay *t)
{
	struct signalfd_siginfo info;
	if (read(t->signals, &info, sizeof info) != sizeof info)
		return;
	struct message m = { .kind = MSG_SIGNAL, .value = (int)info.ssi_signo };
	if (m.value == SIGWINCH && t->master >= 0)
		resize(t->master);
	else if (m.value != SIGCHLD && send_message(t->keeper, &m, -1) < 0)
		errno = 0; /* it has gone, which the next poll says */
}

/* The keeper says one thing only. */
static enum exec_end how_it_ended(const struct exec_relay *t, int *status)
{
	struct message m;
	int fds[2];
	if (receive_message(t->keeper, &m, sizeof m, fds) <= 0 || m.kind != MSG_ENDED)
		return EXEC_LOST;
	*status = m.value;
	return EXEC_ENDED;
}

/* Program to caller. 0: nothing is there to be read, or ever will be; `*open` says which. */
static int pump_out(int master, int *open, int *listener)
{
	char buffer[CHUNK];
	ssize_t n = read(master, buffer, sizeof buffer);
	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0) {
		*open = n < 0 && errno == EAGAIN; /* EIO: the last process has closed the terminal */
		return 0;
	}
	/* A caller that has gone away does not end the program. */
	if (*listener && write_all(1, buffer, (size_t)n) < 0)
		*listener = 0;
	return 1;
}

struct typed {
	char bytes[CHUNK + sizeof((struct detach_keys *)0)->keys];
	size_t start, end;
	int closed;
};

/* 0: the detach keys were typed. */
static int pump_in(struct typed *in, struct detach_keys *keys)
{
	char buffer[CHUNK];
	ssize_t n = read(0, buffer, sizeof buffer);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	in->closed = n <= 0;
	in->start = in->end = 0;
	if (in->closed)
		return 1;
	return !detach_keys_filter(keys, buffer, (size_t)n, in->bytes, &in->end);
}

static void flush_in(struct typed *in, int master)
{
	ssize_t n = write(master, in->bytes + in->start, in->end - in->start);
	if (n > 0)
		in->start += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		in->start = in->end; /* nobody will read it */
}

static enum exec_end copy(struct exec_relay *t, int *status)
{
	struct typed in = { .closed = t->master < 0 || !t->interactive };
	int open = t->master >= 0, listener = 1;
	enum exec_end end = EXEC_LOST;
	for (;;) {
		int pending = in.end > in.start;
		struct pollfd fds[] = {
			{ .fd = t->keeper, .events = POLLIN },
			{ .fd = t->signals, .events = POLLIN },
			{ .fd = open ? t->master : -1, .events = (short)(POLLIN | (pending ? POLLOUT : 0)) },
			{ .fd = in.closed || pending ? -1 : 0, .events = POLLIN },
		};
		if (poll(fds, 4, -1) < 0)
			continue; /* EINTR */
		if (fds[3].revents && !pump_in(&in, &t->keys))
			return EXEC_DETACHED;
		if (pending && fds[2].revents & POLLOUT)
			flush_in(&in, t->master);
		if (fds[2].revents & (POLLIN | POLLHUP | POLLERR))
			pump_out(t->master, &open, &listener);
		if (fds[1].revents & POLLIN)
			pass_signal(t);
		if (fds[0].revents) {
			end = how_it_ended(t, status);
			break;
		}
	}
	/* What it left running may hold the terminal for ever; what it wrote itself is all there. */
	while (open && pump_out(t->master, &open, &listener))
		;
	return end;
}

/* Raw where what is typed is the program's. */
static void take_terminal(const struct exec_relay *t)
{
	/* The program may be slow to read what is typed: that must not keep us from reading what it writes. */
	int flags = fcntl(t->master, F_GETFL);
	if (flags < 0 || fcntl(t->master, F_SETFL, flags | O_NONBLOCK) < 0)
		fail_text("the terminal of the program may stand still");
	resize(t->master);
	if (t->interactive && raw_terminal_enter() < 0)
		errno = 0; /* what is typed does not come from a terminal */
}

enum exec_end exec_relay_run(struct exec_relay *t, int *status)
{
	if (t->master >= 0)
		take_terminal(t);
	enum exec_end end = copy(t, status);
	raw_terminal_leave();
	return end;
}
