#include "input.h"
#include "door.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int input_add(struct input *in, const char *bytes, size_t size)
{
	if (in->end - in->start + size > DOOR_WINDOW_BYTES)
		return -1; /* more than it was allowed to send */
	if (in->start > 0) {
		memmove(in->bytes, in->bytes + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	/* Pages of its own, because malloc would keep them for a container that nobody types to any more. */
	if (!in->bytes) {
		char *pages = mmap(NULL, DOOR_WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (pages == MAP_FAILED)
			return -1;
		in->bytes = pages;
	}
	memcpy(in->bytes + in->end, bytes, size);
	in->end += size;
	return 0;
}

static void end_of_input(struct streams *s)
{
	/* A terminal has no end: the program decides what ^D means to it. */
	if (s->is_terminal || s->in < 0)
		return;
	close(s->in);
	s->in = -1;
	s->has_input = 0;
}

uint32_t input_pump(struct input *in, struct streams *s)
{
	size_t before = in->start;
	while (in->end > in->start) {
		ssize_t n = s->in < 0 ? -1 : write(s->in, in->bytes + in->start, in->end - in->start);
		if (n < 0 && s->in >= 0 && errno == EINTR)
			continue;
		if (n < 0 && s->in >= 0 && errno == EAGAIN)
			return (uint32_t)(in->start - before);
		if (n < 0) {
			/* Nobody will read it. */
			end_of_input(s);
			in->start = in->end;
			break;
		}
		in->start += (size_t)n;
	}
	uint32_t gone = (uint32_t)(in->start - before);
	int ends = in->ends;
	input_free(in);
	if (ends)
		end_of_input(s);
	return gone;
}

void input_free(struct input *in)
{
	if (in->bytes)
		munmap(in->bytes, DOOR_WINDOW_BYTES); /* cannot fail: it is a whole mapping */
	*in = (struct input){ 0 };
}
