#include "plan.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char MAGIC[8] = "RTPLAN1";

struct header {
	uint8_t phase, op;
	uint16_t argc;
	uint32_t size; /* of the whole record, a multiple of 4 */
};

static uint32_t padded(uint32_t length) { return (length + 1 + 3) & ~3u; } /* with its NUL */

/* Every length is checked once here, so that nobody has to later. */
static int well_formed(const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		struct header h;
		if ((size_t)(end - at) < sizeof h)
			return 0;
		memcpy(&h, at, sizeof h);
		if (h.size < sizeof h || h.size % 4 || h.size > (size_t)(end - at))
			return 0;
		const uint8_t *a = at + sizeof h, *stop = at + h.size;
		for (unsigned i = 0; i < h.argc; i++) {
			uint32_t length;
			if (stop - a < 4)
				return 0;
			memcpy(&length, a, 4);
			if (length > 1u << 28 || padded(length) > (size_t)(stop - a - 4) || a[4 + length] != 0)
				return 0;
			a += 4 + padded(length);
		}
		if (a != stop)
			return 0;
		at = stop;
	}
	return 1;
}

int plan_open(struct plan *plan, int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -1;
	if (st.st_size < (off_t)sizeof MAGIC) {
		errno = EPROTO;
		return -1;
	}
	const uint8_t *base = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (base == MAP_FAILED)
		return -1;
	plan->records = base + sizeof MAGIC;
	plan->end = base + st.st_size;
	if (memcmp(base, MAGIC, sizeof MAGIC) || !well_formed(plan->records, plan->end)) {
		errno = EPROTO;
		return -1;
	}
	return 0;
}

int plan_close(const struct plan *plan)
{
	const uint8_t *base = plan->records - sizeof MAGIC;
	return munmap((void *)base, (size_t)(plan->end - base));
}

int plan_next(const struct plan *plan, enum phase phase, struct record *rec)
{
	const uint8_t *at = rec->next ? rec->next : plan->records;
	while (at < plan->end) {
		struct header h;
		memcpy(&h, at, sizeof h);
		rec->phase = h.phase;
		rec->op = h.op;
		rec->argc = h.argc;
		rec->args = at + sizeof h;
		rec->next = at = at + h.size;
		if (h.phase == phase)
			return 1;
	}
	return 0;
}

int plan_find(const struct plan *plan, enum phase phase, enum opcode op, struct record *rec)
{
	rec->next = NULL;
	while (plan_next(plan, phase, rec))
		if (rec->op == op)
			return 1;
	return 0;
}

const void *arg_bytes(const struct record *rec, unsigned i, size_t *size)
{
	const uint8_t *a = rec->args;
	uint32_t length = 0;
	if (i >= rec->argc) {
		*size = 0;
		return "";
	}
	for (;; i--) {
		memcpy(&length, a, 4);
		if (i == 0)
			break;
		a += 4 + padded(length);
	}
	*size = length;
	return a + 4;
}

const char *arg(const struct record *rec, unsigned i)
{
	size_t size;
	return arg_bytes(rec, i, &size);
}

unsigned long long arg_number(const struct record *rec, unsigned i)
{
	unsigned long long n = 0;
	for (const char *s = arg(rec, i); *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (unsigned)(*s - '0');
	return n;
}

void arg_vector(const struct record *rec, unsigned from, unsigned n, char **out)
{
	const uint8_t *a = rec->args;
	for (unsigned i = 0; i < rec->argc && i < from + n; i++) {
		uint32_t length;
		memcpy(&length, a, 4);
		if (i >= from)
			*out++ = (char *)a + 4; /* execve wants char *, and does not write */
		a += 4 + padded(length);
	}
	*out = NULL;
}
