#include "log.h"
#include "plan.h"
#include "util.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 16 << 10 };

/* A line whose end has not come. */
struct partial {
	char *bytes;
	size_t size;
};

BUFFER(output, PIECE);
BUFFER(errors, PIECE);
BUFFER(buffer, 8 << 10);
static struct partial partials[2] = { { .bytes = output }, { .bytes = errors } };
static size_t buffered;
static int file = -1;
static const char *path;
static unsigned long long size_now, size_most;
static unsigned files;

static int open_file(void)
{
	struct stat st;
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_now = file >= 0 && fstat(file, &st) == 0 ? (unsigned long long)st.st_size : 0;
	return file;
}

static void flush(void)
{
	if (write_all(file, buffer, buffered) < 0)
		size_now = size_now > buffered ? size_now - buffered : 0; /* a full disk: these lines are lost */
	buffered = 0;
}

static void put(const char *bytes, size_t size)
{
	size_now += size;
	while (size > 0) {
		size_t n = size < sizeof buffer - buffered ? size : sizeof buffer - buffered;
		memcpy(buffer + buffered, bytes, n);
		buffered += n;
		bytes += n;
		size -= n;
		if (buffered == sizeof buffer)
			flush();
	}
}

/* json.log, json.log.1, ...: the oldest goes. A reader that has one of them open reads it to its end: nothing is cut short. */
static void rotate(void)
{
	char from[PATH_MAX], to[PATH_MAX];
	flush();
	if (strlen(path) + 12 > sizeof from)
		return;
	if (files < 2 && unlink(path) < 0)
		return;
	for (unsigned n = files - 1; n > 0 && files > 1; n--) {
		char *end = put_text(from, path);
		if (n > 1)
			end = put_number(put_text(end, "."), n - 1);
		*end = 0;
		*put_number(put_text(put_text(to, path), "."), n) = 0;
		if (rename(from, to) < 0 && n == 1)
			return; /* goes on in the same file */
	}
	close(file);
	open_file();
}

/* path, bytes at which a new file is begun (0: never), how many files are kept */
void log_open(const struct plan *plan)
{
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_LOG, &r))
		return;
	path = arg(&r, 0);
	size_most = arg_number(&r, 1);
	files = (unsigned)arg_number(&r, 2);
	if (open_file() < 0)
		fail_text("the log of the container cannot be written");
}

static void line(int stream, const char *bytes, size_t size)
{
	if (size_most && size_now >= size_most)
		rotate();
	if (file >= 0)
		log_line(stream, bytes, size, put);
}

void log_write(int stream, const char *bytes, size_t size)
{
	struct partial *p = &partials[stream - 1];
	if (file < 0)
		return;
	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		size_t n = end ? (size_t)(end + 1 - bytes) : size, room = PIECE - p->size;
		/* A line that has come whole is not copied. */
		if (end && p->size == 0 && n <= PIECE) {
			line(stream, bytes, n);
		} else {
			n = n < room ? n : room;
			memcpy(p->bytes + p->size, bytes, n);
			p->size += n;
			if (p->size == PIECE || p->bytes[p->size - 1] == '\n') {
				line(stream, p->bytes, p->size);
				p->size = 0;
			}
		}
		bytes += n;
		size -= n;
	}
	flush();
}

void log_end(void)
{
	for (int stream = 1; stream <= 2 && file >= 0; stream++) {
		struct partial *p = &partials[stream - 1];
		if (p->size > 0)
			line(stream, p->bytes, p->size);
		p->size = 0;
	}
	if (file >= 0)
		flush();
}

void log_rest(void)
{
	for (int n = 0; n < 2; n++)
		give_back(partials[n].bytes + partials[n].size, PIECE - partials[n].size);
	if (buffered == 0)
		give_back(buffer, sizeof buffer);
}
