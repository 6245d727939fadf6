#include "serve.h"
#include "door.h"
#include "log.h"
#include "signals.h"
#include "util.h"
#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What the container has written last, behind the kind of its message; `held` while the primary client has no room for it. */
BUFFER(message, 1 + DOOR_BYTES);
static size_t held;

/* Buffers have been used. After a quiet second they are given back: a container that waits is to cost its monitor's code and little else. */
enum { QUIET = 1000 };
static int is_used;

static void rest(void)
{
	is_used = 0;
	log_rest();
	clients_rest();
	if (!held)
		give_back(message, sizeof message);
	give_back_stack();
}

/* 1: something was read; 0: nothing is there now, or nothing will come any more. */
static int pump(struct served *box, int *fd, char kind)
{
	ssize_t size;
	do
		size = read(*fd, message + 1, DOOR_BYTES);
	while (size < 0 && errno == EINTR);
	if (size < 0 && errno == EAGAIN)
		return 0;
	if (size <= 0) {
		/* End of file; or EIO, where the last process has closed the terminal. */
		close(*fd);
		*fd = -1;
		return 0;
	}
	message[0] = kind;
	log_write(kind == DOOR_ERRORS ? 2 : 1, message + 1, (size_t)size);
	if (clients_deliver(message, (size_t)size + 1, box) < 0)
		held = (size_t)size + 1;
	return 1;
}

static int retry_held(const struct served *box)
{
	if (held && clients_deliver(message, held, box) == 0)
		held = 0;
	return held == 0;
}

static int *output(struct served *box) { return box->streams.is_terminal ? &box->streams.in : &box->streams.out; }

void serve(struct served *box, int door, int signals, int timeout, int *wait_status)
{
	enum { SIGNALS, DOOR, OUT, ERR, IN, FIRST_CLIENT };
	struct pollfd fds[FIRST_CLIENT + CLIENTS_MOST];
	struct streams *s = &box->streams;
	int typed = clients_have_input();
	fds[SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
	fds[DOOR] = (struct pollfd){ .fd = door, .events = POLLIN };
	fds[OUT] = (struct pollfd){ .fd = held ? -1 : *output(box), .events = POLLIN };
	fds[ERR] = (struct pollfd){ .fd = held ? -1 : s->err, .events = POLLIN };
	fds[IN] = (struct pollfd){ .fd = typed ? s->in : -1, .events = POLLOUT };
	clients_watch(fds + FIRST_CLIENT, held > 0);
	/* Input for which there is nobody any more is thrown away at once. */
	int quiet = is_used && timeout < 0, ready = poll(fds, FIRST_CLIENT + CLIENTS_MOST, typed && s->in < 0 ? 0 : quiet ? QUIET : timeout);
	if (ready == 0 && quiet && !typed)
		rest();
	if (ready < 0)
		return;
	is_used |= ready > 0;
	if (fds[OUT].revents)
		pump(box, output(box), DOOR_OUTPUT);
	if (fds[ERR].revents && s->err >= 0 && !held)
		pump(box, &s->err, DOOR_ERRORS);
	clients_serve(fds + FIRST_CLIENT, box);
	clients_input(box);
	retry_held(box);
	if (fds[DOOR].revents)
		clients_accept(door, box);
	if (fds[SIGNALS].revents) {
		struct signalfd_siginfo info;
		if (read(signals, &info, sizeof info) == sizeof info && on_signal((int)info.ssi_signo, box->init, wait_status))
			box->init = 0;
	}
}

int serve_rest(struct served *box)
{
	int *ends[] = { output(box), &box->streams.err };
	for (int n = 0; n < 2; n++)
		while (*ends[n] >= 0)
			if (!retry_held(box))
				return 0;
			else if (!pump(box, ends[n], n ? DOOR_ERRORS : DOOR_OUTPUT) && *ends[n] >= 0)
				break; /* its pid namespace is empty: whoever has the other end is not the container */
	return retry_held(box);
}
