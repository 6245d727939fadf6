#include "clients.h"
#include "door.h"
#include "input.h"
#include "spool.h"
#include "util.h"
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

struct client {
	int fd; /* -1: a free place */
	int is_primary, wants_output, is_ending, has_window;
	uint32_t owed; /* bytes of input that it has not been told of */
	struct spool spool;
	struct input input;
};

static struct client clients[CLIENTS_MOST];
static unsigned used; /* places that have ever been taken: all others are zeroes, and stay out of memory */
BUFFER(scratch, 1 + DOOR_BYTES);

static void client_close(struct client *c)
{
	close(c->fd);
	spool_close(&c->spool);
	input_free(&c->input);
	c->fd = -1;
}

/* 0: sent or kept for later, or the client is gone. -1: not now. */
static int client_send(struct client *c, const void *message, size_t size, const char *directory)
{
	if (spool_is_empty(&c->spool)) {
		if (send(c->fd, message, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) {
			client_close(c);
			return 0;
		}
	}
	if (spool_put(&c->spool, directory, message, size) == 0)
		return 0;
	if (c->is_primary)
		return -1;
	client_close(c); /* too slow for too long: cut off, rather than hold the container back */
	return 0;
}

/* More input may come. Where there is no room to say so it is said when the client has read something. */
static void taken(struct client *c, uint32_t bytes, const char *directory)
{
	char message[1 + sizeof c->owed] = { DOOR_TAKEN };
	c->owed += bytes;
	memcpy(message + 1, &c->owed, sizeof c->owed);
	if (c->owed && client_send(c, message, sizeof message, directory) == 0)
		c->owed = 0;
}

static void client_flush(struct client *c, const char *directory)
{
	while (!spool_is_empty(&c->spool)) {
		ssize_t size = spool_peek(&c->spool, scratch, 1 + DOOR_BYTES);
		if (size >= 0 && send(c->fd, scratch, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
			spool_drop(&c->spool, (size_t)size);
			continue;
		}
		if (size < 0 || (errno != EAGAIN && errno != ENOBUFS && errno != EINTR))
			client_close(c);
		return;
	}
	if (c->is_ending)
		client_close(c);
	else
		taken(c, 0, directory);
}

void client_add(int fd, int primary, const struct served *box)
{
	unsigned n = 0;
	while (n < used && clients[n].fd >= 0)
		n++;
	if (n == CLIENTS_MOST) {
		close(fd);
		return;
	}
	if (n == used)
		used++;
	clients[n] = (struct client){ .fd = fd, .is_primary = primary, .wants_output = primary, .spool = { .fd = -1 } };
	if (primary) {
		const char attached[] = { DOOR_ATTACHED, (char)box->streams.is_terminal, (char)box->streams.has_input };
		client_send(&clients[n], attached, sizeof attached, box->spool);
	}
}

void clients_accept(int door, const struct served *box)
{
	int fd;
	while ((fd = accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		client_add(fd, 0, box);
}

/*
 * A full-screen program draws its screen again when the size changes, and the kernel tells it only of changes: for somebody who has just
 * come the size moves and comes back, as in Docker.
 */
static void resize(struct client *c, const struct served *box, const char *message)
{
	uint16_t size[2];
	struct winsize now, wanted = { 0 };
	memcpy(size, message + 1, sizeof size);
	wanted.ws_row = size[0];
	wanted.ws_col = size[1];
	if (!box->streams.is_terminal || box->streams.in < 0 || !wanted.ws_row || !wanted.ws_col || ioctl(box->streams.in, TIOCGWINSZ, &now) < 0)
		return;
	if (!c->is_primary && !c->has_window && now.ws_row == wanted.ws_row && now.ws_col == wanted.ws_col) {
		now.ws_col++;
		ioctl(box->streams.in, TIOCSWINSZ, &now); /* fails only when the container has gone, which is noticed elsewhere */
	}
	c->has_window = 1;
	ioctl(box->streams.in, TIOCSWINSZ, &wanted);
}

/* What the container writes to a pipe without a reader ends it, as in any pipeline. */
static void reader_gone(struct served *box, int which)
{
	int *fd = which == 2 ? &box->streams.err : &box->streams.out;
	if (*fd >= 0 && close(*fd) == 0)
		*fd = -1;
}

static void hear(struct client *c, struct served *box, size_t size)
{
	const unsigned char first = size > 1 ? (unsigned char)scratch[1] : 0;
	switch ((enum door_request)scratch[0]) {
	case DOOR_ATTACH: {
		const char attached[] = { DOOR_ATTACHED, (char)box->streams.is_terminal, (char)box->streams.has_input };
		c->wants_output |= (first & DOOR_WANTS_OUTPUT) != 0;
		client_send(c, attached, sizeof attached, box->spool);
		return;
	}
	case DOOR_INPUT:
		if (input_add(&c->input, scratch + 1, size - 1) < 0)
			client_close(c);
		return;
	case DOOR_INPUT_END: c->input.ends = 1; return;
	case DOOR_WINDOW:
		if (size == 5)
			resize(c, box, scratch);
		return;
	case DOOR_STOP: box->stopped = 1; return;
	case DOOR_SIGNAL:
		if (box->init > 0 && first > 0 && kill(box->init, first) < 0)
			return; /* it has ended, and SIGCHLD is on its way; or there is no such signal */
		return;
	case DOOR_READER_GONE:
		if (c->is_primary)
			reader_gone(box, first);
		return;
	}
}

static void client_hear(struct client *c, struct served *box)
{
	ssize_t size = recv(c->fd, scratch, 1 + DOOR_BYTES, MSG_DONTWAIT);
	if (size > 0)
		hear(c, box, (size_t)size);
	else if (size == 0 || (errno != EAGAIN && errno != EINTR))
		client_close(c);
}

void clients_watch(struct pollfd *fds, int held)
{
	for (unsigned n = 0; n < CLIENTS_MOST; n++) {
		fds[n] = (struct pollfd){ .fd = n < used ? clients[n].fd : -1, .events = POLLIN };
		if (n < used && (!spool_is_empty(&clients[n].spool) || (held && clients[n].is_primary)))
			fds[n].events |= POLLOUT;
	}
}

void clients_serve(const struct pollfd *fds, struct served *box)
{
	for (unsigned n = 0; n < used; n++) {
		if (fds[n].fd < 0 || fds[n].fd != clients[n].fd)
			continue;
		if (fds[n].revents & POLLOUT)
			client_flush(&clients[n], box->spool);
		if (clients[n].fd >= 0 && fds[n].revents & (POLLIN | POLLHUP | POLLERR))
			client_hear(&clients[n], box);
	}
}

int clients_have_input(void)
{
	for (unsigned n = 0; n < used; n++)
		if (clients[n].fd >= 0 && input_is_pending(&clients[n].input))
			return 1;
	return 0;
}

void clients_input(struct served *box)
{
	for (unsigned n = 0; n < used; n++) {
		struct client *c = &clients[n];
		if (c->fd < 0 || !input_is_pending(&c->input))
			continue;
		taken(c, input_pump(&c->input, &box->streams), box->spool);
		if (c->fd >= 0 && input_is_pending(&c->input))
			return; /* the container is full: the others wait their turn */
	}
}

int clients_deliver(const char *message, size_t size, const struct served *box)
{
	int held = 0;
	/* The primary client first: what it cannot take comes again, and must not reach the others twice. */
	for (unsigned n = 0; n < used; n++)
		if (clients[n].fd >= 0 && clients[n].is_primary && !clients[n].is_ending && clients[n].wants_output)
			held |= client_send(&clients[n], message, size, box->spool);
	if (held)
		return -1;
	for (unsigned n = 0; n < used; n++)
		if (clients[n].fd >= 0 && !clients[n].is_primary && !clients[n].is_ending && clients[n].wants_output)
			client_send(&clients[n], message, size, box->spool);
	return 0;
}

void clients_end(int code, const struct served *box)
{
	int32_t status = code;
	char message[1 + sizeof status] = { DOOR_EXIT };
	memcpy(message + 1, &status, sizeof status);
	for (unsigned n = 0; n < used; n++) {
		if (clients[n].fd < 0 || clients[n].is_ending)
			continue;
		if (client_send(&clients[n], message, sizeof message, box->spool) < 0)
			client_close(&clients[n]); /* a disk so full that five bytes have no place */
		else if (clients[n].fd >= 0 && spool_is_empty(&clients[n].spool))
			client_close(&clients[n]);
		else
			clients[n].is_ending = 1;
	}
}

int clients_left(void)
{
	for (unsigned n = 0; n < used; n++)
		if (clients[n].fd >= 0)
			return 1;
	return 0;
}

void clients_rest(void) { give_back(scratch, sizeof scratch); }
