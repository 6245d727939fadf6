#include "spool.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

typedef ssize_t transfer(int, void *, size_t, off_t);

static ssize_t put_at(int fd, void *data, size_t size, off_t at) { return pwrite(fd, data, size, at); }

static int move(int fd, transfer *way, void *data, size_t size, uint64_t at)
{
	while (size > 0) {
		size_t room = SPOOL_SIZE - at % SPOOL_SIZE;
		ssize_t n = way(fd, data, size < room ? size : room, (off_t)(at % SPOOL_SIZE));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data = (char *)data + n;
		size -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

int spool_put(struct spool *s, const char *directory, const void *message, size_t size)
{
	uint32_t length = (uint32_t)size;
	if (s->tail - s->head + sizeof length + size > SPOOL_SIZE)
		return -1;
	if (s->fd < 0 && (s->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) < 0)
		return -1;
	/* A message that was written by half does not count: the tail stays where it was. */
	if (move(s->fd, put_at, &length, sizeof length, s->tail) < 0 ||
	    move(s->fd, put_at, (void *)message, size, s->tail + sizeof length) < 0)
		return -1;
	s->tail += sizeof length + size;
	return 0;
}

ssize_t spool_peek(const struct spool *s, void *message, size_t size)
{
	uint32_t length;
	if (spool_is_empty(s) || move(s->fd, pread, &length, sizeof length, s->head) < 0 || length > size)
		return -1;
	return move(s->fd, pread, message, length, s->head + sizeof length) < 0 ? -1 : (ssize_t)length;
}

void spool_drop(struct spool *s, size_t size)
{
	s->head += sizeof(uint32_t) + size;
	/* The disk is given back; a failure only keeps it until the client goes. */
	if (spool_is_empty(s) && ftruncate(s->fd, 0) == 0)
		s->head = s->tail = 0;
}

void spool_close(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct spool){ .fd = -1 };
}
