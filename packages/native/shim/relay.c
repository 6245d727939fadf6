#include "relay.h"
#include "monitor.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;

int relay_open(struct relay *t, int master, int detached)
{
	t->master = master;
	t->detached = detached;
	t->is_raw = 0;
	/* The container may be slow to read what is typed: that must not keep us from reading what it writes. */
	int flags = fcntl(master, F_GETFL);
	if (flags < 0 || fcntl(master, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	if (detached || tcgetattr(0, &before) < 0)
		return 0;
	struct termios raw = before;
	cfmakeraw(&raw);
	/* Kept back by a terminal that is not ours to read (a background job): the kernel stops us until we are in front. */
	if (tcsetattr(0, TCSANOW, &raw) < 0)
		return -1;
	t->is_raw = 1;
	return 0;
}

void relay_close(struct relay *t)
{
	if (!t->is_raw)
		return;
	t->is_raw = 0;
	/* After what was written has been shown. Where the terminal has hung up there is nothing to put back. */
	if (tcsetattr(0, TCSADRAIN, &before) < 0)
		return;
}

static void resize(const struct relay *t)
{
	struct winsize size;
	if (ioctl(0, TIOCGWINSZ, &size) == 0 || ioctl(1, TIOCGWINSZ, &size) == 0)
		ioctl(t->master, TIOCSWINSZ, &size); /* fails only when the container has gone, which is noticed elsewhere */
}

/* Container to caller. 0: nothing will come any more. */
static int pump_out(struct relay *t)
{
	char buffer[4096];
	ssize_t n = read(t->master, buffer, sizeof buffer);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n <= 0)
		return 0; /* EIO: the last process has closed the terminal */
	/* A caller that has gone away does not end the container. */
	if (!t->detached && write_all(1, buffer, (size_t)n) < 0)
		t->detached = 1;
	return 1;
}

struct typed {
	char bytes[4096];
	size_t start, end;
	int closed;
};

static void pump_in(struct typed *in)
{
	ssize_t n = read(0, in->bytes, sizeof in->bytes);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	in->start = 0;
	in->end = n > 0 ? (size_t)n : 0;
	in->closed = n <= 0;
}

static void flush_in(struct typed *in, int master)
{
	ssize_t n = write(master, in->bytes + in->start, in->end - in->start);
	if (n > 0)
		in->start += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		in->start = in->end; /* nobody will read it */
}

void relay_run(struct relay *t, int signals, pid_t init, int ended, int *status)
{
	struct typed in = { .closed = t->detached };
	int open = 1;
	resize(t);
	while (!ended || open) {
		int pending = in.end > in.start;
		struct pollfd fds[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = open ? t->master : -1, .events = (short)(POLLIN | (pending ? POLLOUT : 0)) },
			{ .fd = in.closed || pending || ended ? -1 : 0, .events = POLLIN },
		};
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			break;
		if (fds[2].revents)
			pump_in(&in);
		if (pending && fds[1].revents & POLLOUT)
			flush_in(&in, t->master);
		if (fds[1].revents & (POLLIN | POLLHUP | POLLERR))
			open = pump_out(t);
		if (fds[0].revents & POLLIN) {
			struct signalfd_siginfo info;
			if (read(signals, &info, sizeof info) == sizeof info)
				ended |= on_signal((int)info.ssi_signo, init, status, t);
		}
	}
}

void relay_resize(const struct relay *t) { resize(t); }
