#include "streams.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* Only our end is non-blocking: the flag belongs to an end, and programs do not expect it on theirs. */
static int open_pipe(int *ours, int *theirs, int reads)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	*ours = ends[reads ? 0 : 1];
	*theirs = ends[reads ? 1 : 0];
	return nonblocking(*ours);
}

int streams_open(struct streams *s, const char *kinds)
{
	*s = (struct streams){ .in = -1, .out = -1, .err = -1, .child = { -1, -1, -1 } };
	s->is_terminal = strchr(kinds, 't') != NULL;
	s->has_input = s->is_terminal || strchr(kinds, 'i');
	if (strchr(kinds, 'i') && open_pipe(&s->in, &s->child[0], 0) < 0)
		return -1;
	if (strchr(kinds, 'o') && (open_pipe(&s->out, &s->child[1], 1) < 0 || open_pipe(&s->err, &s->child[2], 1) < 0))
		return -1;
	return 0;
}

int streams_take(const struct streams *s)
{
	for (int n = 0; n < 3; n++)
		if (s->child[n] >= 0 && dup2(s->child[n], n) < 0)
			return -1;
	return 0;
}

int streams_let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	return close(null);
}

void streams_give(struct streams *s)
{
	for (int n = 0; n < 3; n++)
		drop(&s->child[n]);
}

int streams_terminal(struct streams *s, int master)
{
	/* The container may be slow to read what is typed: that must not keep us from reading what it writes. */
	s->in = master;
	return nonblocking(master);
}

void streams_close(struct streams *s)
{
	streams_give(s);
	drop(&s->in);
	drop(&s->out);
	drop(&s->err);
}
