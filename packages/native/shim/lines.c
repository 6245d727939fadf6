#include "lines.h"
#include "lock.h"
#include "tree_walk.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* No line of rt's crosses a multiple of a divisor of CHUNK, so that every chunk ends with a whole one. */
enum { MARKER = 12, CHUNK = 16 << 10, MOST_OWN = 4 << 20 };

/* Beside the file whose place it takes. No network's name begins with a dot; files of such names are passed over. */
#define NEW ".new"

/* "\t# " stands before the marker of a line, or before the second of its end. */
enum { MARK = MARKER + 3 };

struct search {
	int fd, ending;
	const char *marker;
	off_t first; /* marked line; -1: there is none yet */
	int others; /* that are to stay */
};

static int is_marker(const char *text)
{
	for (int i = 0; i < MARKER; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
			return 0;
	return 1;
}

static int is_end(const char *text)
{
	for (int i = 1; i < MARKER - 1; i++)
		if (text[i] < '0' || text[i] > '9')
			return 0;
	return text[0] == '-' && text[MARKER - 1] == ' ';
}

/* The first byte makes a comment of it, at once for whoever reads; what is behind the mark's own # is one already. */
static int end_line(int fd, off_t at, size_t length)
{
	char when[24], *end = when;
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	*end++ = '-';
	end = put_number(end, now.tv_sec);
	*end++ = ' ';
	if (pwrite(fd, "#", 1, at) < 0)
		return -1;
	return end - when == MARKER && pwrite(fd, when, MARKER, at + (off_t)length - MARKER) < 0 ? -1 : 0;
}

static int look_at(struct search *s, const char *line, size_t length, off_t at)
{
	if (length < MARK + 1 || memcmp(line + length - MARK, "\t# ", 3))
		return 0;
	const char *mark = line + length - MARKER;
	int live = *line != '#' && is_marker(mark);
	if (!live && !(*line == '#' && is_end(mark)))
		return 0;
	if (s->first < 0)
		s->first = at;
	if (live && memcmp(mark, s->marker, MARKER) == 0)
		return s->ending ? end_line(s->fd, at, length) : 0;
	s->others |= live;
	return 0;
}

/* Not mapped: a container can cut its own file short while we look. */
static int look_at_all(struct search *s)
{
	char chunk[CHUNK];
	ssize_t size;
	for (off_t at = 0; (s->ending || !s->others) && (size = pread(s->fd, chunk, sizeof chunk, at)) != 0; at += size) {
		if (size < 0)
			return -1;
		const char *line = chunk, *end = chunk + size, *newline;
		for (; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1)
			if (look_at(s, line, (size_t)(newline - line), at + (line - chunk)) < 0)
				return -1;
	}
	return 0;
}

static int fill(int new, int from, off_t size)
{
	/* Whatever the umask is. */
	if (fchmod(new, 0644) < 0)
		return -1;
	ssize_t sent;
	for (off_t at = 0; at < size;)
		if ((sent = sendfile(new, from, &at, (size_t)(size - at))) <= 0) {
			errno = sent == 0 ? EIO : errno;
			return -1;
		}
	return 0;
}

/* The first `size` bytes become a new file in the place of the old one. */
static int replace(int directory, const char *name, int from, off_t size)
{
	int new = openat(directory, NEW, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (new < 0)
		return -1;
	int result = fill(new, from, size);
	if (result == 0)
		result = renameat(directory, NEW, directory, name);
	int error = errno;
	if (result < 0)
		unlinkat(directory, NEW, 0);
	close(new);
	errno = error;
	return result;
}

static int end_lines(struct search *s, int directory, const char *name, int replaceable)
{
	if (replaceable) {
		if (look_at_all(s) < 0)
			return -1;
		/* Where there is no room for another file they end in this one. */
		if (!s->others && (s->first < 0 || replace(directory, name, s->fd, s->first) == 0))
			return 0;
	}
	s->ending = 1;
	return look_at_all(s);
}

static int in_file(int directory, const char *name, const char *marker)
{
	struct search s = { .marker = marker, .first = -1 };
	struct stat st;
	int own = *name == '+';
	/* O_NONBLOCK: a lease that a container took on its own file would make us wait 45 s for it. */
	s.fd = openat(directory, name, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (s.fd < 0)
		return -1;
	int result = fstat(s.fd, &st), error;
	if (result == 0 && (!own || st.st_size <= MOST_OWN))
		result = end_lines(&s, directory, name, !own && st.st_nlink == 1);
	error = errno;
	if (close(s.fd) < 0 && result == 0)
		return -1;
	errno = error;
	return result;
}

BUFFER(entries, TREE_ENTRIES_SIZE);

static int in_directory(int directory, const char *marker)
{
	struct tree_reader reader = { .buffer = entries };
	const struct tree_entry *entry;
	int error = 0;
	while ((entry = tree_next_entry(&reader, directory)))
		/* What a container has done to its own file is its own affair. */
		if (*entry->name != '.' && in_file(directory, entry->name, marker) < 0 && *entry->name != '+')
			error = errno;
	if (errno && !error)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}

int lines_remove(const char *path, const char *marker, const char *lock_path)
{
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return errno == ENOENT ? 0 : -1;
	if (strlen(marker) != MARKER) {
		close(directory);
		errno = EINVAL;
		return -1;
	}
	int lock = take_lock(lock_path), result = lock < 0 ? -1 : in_directory(directory, marker), error = errno;
	if (lock >= 0)
		close(lock);
	close(directory);
	errno = error;
	return result;
}

int lines_keep_open(const struct plan *plan)
{
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_KEEP_OPEN, &r))
		return 0;
	return open(arg(&r, 0), O_WRONLY | O_CLOEXEC | O_NONBLOCK) < 0 ? -1 : 0;
}
