#include "accounts.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* passwd or group of the container, mapped; an image without one knows only numbers. */
struct table {
	const char *text, *end;
};

static int map_table(struct table *t, const char *path)
{
	struct stat st;
	t->text = t->end = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		char *text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (text != MAP_FAILED) {
			t->text = text;
			t->end = text + st.st_size;
		}
	}
	return close(fd);
}

static int same(struct span a, const char *text) { return a.length == strlen(text) && memcmp(a.at, text, a.length) == 0; }

/* Beyond the largest id it is none: the id that was left of it might be root's. */
static int is_number(const char *text)
{
	unsigned long long n = 0;
	if (!*text)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		n = n * 10 + (unsigned)(*text - '0');
		if (n > INT32_MAX)
			return 0;
	}
	return 1;
}

static unsigned number_of(struct span s)
{
	unsigned n = 0;
	for (size_t i = 0; i < s.length && s.at[i] >= '0' && s.at[i] <= '9'; i++)
		n = n * 10 + (unsigned)(s.at[i] - '0');
	return n;
}

/* The next line's first seven fields between colons; 0 at the end of the table. */
static int next_entry(struct table *t, struct span field[7])
{
	if (!t->text || t->text >= t->end)
		return 0;
	const char *line = t->text, *newline = memchr(line, '\n', (size_t)(t->end - line));
	const char *stop = newline ? newline : t->end;
	t->text = stop + 1;
	memset(field, 0, 7 * sizeof *field);
	for (int i = 0; i < 7; i++) {
		const char *colon = memchr(line, ':', (size_t)(stop - line));
		const char *end = colon ? colon : stop;
		field[i] = (struct span){ line, (size_t)(end - line) };
		if (!colon)
			break;
		line = colon + 1;
	}
	return 1;
}

/* Whether a comma-separated list of members has the name. */
static int has_member(struct span list, struct span name)
{
	const char *at = list.at, *end = list.at + list.length;
	while (name.length && at && at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		if ((size_t)(stop - at) == name.length && memcmp(at, name.at, name.length) == 0)
			return 1;
		at = stop + 1;
	}
	return 0;
}

void user_add_group(struct user *u, gid_t gid)
{
	for (int i = 0; i < u->count; i++)
		if (u->groups[i] == gid)
			return;
	if (u->count < MOST_GROUPS)
		u->groups[u->count++] = gid;
}

int user_find(struct sandbox *s, struct user *u, const char *wanted)
{
	struct table t;
	struct span f[7];
	int numeric = is_number(wanted);
	if (map_table(&t, "/etc/passwd") < 0)
		return -1;
	strcpy(s->home, "/");
	u->uid = numeric ? (uid_t)parse_number(wanted) : 0;
	while (next_entry(&t, f)) {
		if (numeric ? !f[2].length || number_of(f[2]) != u->uid : !same(f[0], wanted))
			continue;
		u->uid = number_of(f[2]);
		u->gid = number_of(f[3]);
		u->name = f[0];
		if (f[5].length && f[5].length < sizeof s->home) {
			memcpy(s->home, f[5].at, f[5].length);
			s->home[f[5].length] = 0;
		}
		return 0;
	}
	if (numeric) {
		if (u->uid == 0)
			strcpy(s->home, "/root");
		return 0;
	}
	errno = ESRCH;
	return -1;
}

int group_find(gid_t *gid, const char *wanted)
{
	struct table t;
	struct span f[7];
	if (is_number(wanted)) {
		*gid = (gid_t)parse_number(wanted);
		return 0;
	}
	if (map_table(&t, "/etc/group") < 0)
		return -1;
	while (next_entry(&t, f))
		if (same(f[0], wanted)) {
			*gid = number_of(f[2]);
			return 0;
		}
	errno = ESRCH;
	return -1;
}

int user_find_groups(struct user *u, const char *wanted)
{
	struct table t;
	struct span f[7];
	if (wanted)
		return group_find(&u->gid, wanted);
	if (map_table(&t, "/etc/group") < 0)
		return -1;
	while (next_entry(&t, f))
		if (has_member(f[3], u->name))
			user_add_group(u, number_of(f[2]));
	return 0;
}
