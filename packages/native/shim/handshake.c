#include "handshake.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int send_message(int socket, const struct message *message, int fd)
{
	struct iovec iov = { (void *)message, sizeof *message };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof control.bytes;
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

void send_go(int socket)
{
	struct message go = { .kind = MSG_GO };
	if (send_message(socket, &go, -1) < 0)
		errno = 0;
}

int receive_message(int socket, void *message, size_t size, int fds[2]) { return receive_fds(socket, message, size, fds, 2); }

int receive_fds(int socket, void *message, size_t size, int *fds, unsigned most)
{
	struct iovec iov = { message, size };
	union {
		char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes };
	ssize_t n;
	/* ECONNRESET comes once, before the last messages, where the other side has not read all of ours. */
	do {
		msg.msg_controllen = CMSG_SPACE(most * sizeof(int));
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	for (unsigned i = 0; i < most; i++)
		fds[i] = -1;
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return (int)n;
}
