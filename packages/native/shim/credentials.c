#include "sandbox.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_GROUPS 64

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

struct span {
	const char *at;
	size_t length;
};

static int same(struct span a, const char *text) { return a.length == strlen(text) && memcmp(a.at, text, a.length) == 0; }

static int is_number(const char *text)
{
	if (!*text)
		return 0;
	for (; *text; text++)
		if (*text < '0' || *text > '9')
			return 0;
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

struct user {
	uid_t uid;
	gid_t gid;
	struct span name;
	gid_t groups[MOST_GROUPS];
	int count;
};

static void add_group(struct user *u, gid_t gid)
{
	for (int i = 0; i < u->count; i++)
		if (u->groups[i] == gid)
			return;
	if (u->count < MOST_GROUPS)
		u->groups[u->count++] = gid;
}

static int find_user(struct sandbox *s, struct user *u, const char *wanted)
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

/* `wanted`: the primary group that was asked for by name or number; NULL: the user's, and every group that lists the user. */
static int find_groups(struct user *u, const char *wanted)
{
	struct table t;
	struct span f[7];
	if (wanted && is_number(wanted)) {
		u->gid = (gid_t)parse_number(wanted);
		return 0;
	}
	if (map_table(&t, "/etc/group") < 0)
		return -1;
	while (next_entry(&t, f)) {
		if (wanted && same(f[0], wanted)) {
			u->gid = number_of(f[2]);
			return 0;
		}
		if (!wanted && has_member(f[3], u->name))
			add_group(u, number_of(f[2]));
	}
	if (!wanted)
		return 0;
	errno = ESRCH;
	return -1;
}

/* Nobody can give what he has not got: a virtual machine's root often lacks one or the other, and `ALL` then means all of the rest. */
static int set_capabilities(uint64_t mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(mask >> (32 * i));
		data[i].effective = data[i].permitted;
		/* Nothing inheritable: with it, a file's inheritable set would raise what a user's program may do (CVE-2022-24769). */
		data[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &header, data);
}

/* user[:group], then additional groups as numbers */
int do_user(struct sandbox *s, const struct record *r)
{
	struct user u = { 0 };
	char name[256];
	const char *text = arg(r, 0), *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	s->detail = text;
	if (length >= sizeof name) {
		errno = ESRCH;
		return -1;
	}
	memcpy(name, text, length);
	name[length] = 0;
	if (find_user(s, &u, length ? name : "0") < 0 || find_groups(&u, colon && colon[1] ? colon + 1 : NULL) < 0)
		return -1;
	/* The primary group among the others, as in Docker: a setgid program that drops it must not lose it in between (CVE-2022-36109). */
	add_group(&u, u.gid);
	for (unsigned i = 1; i < r->argc; i++)
		add_group(&u, (gid_t)arg_number(r, i));
	/* The terminal was made by root; mesg, tmux and job control want it to be the user's. */
	if (s->has_terminal && u.uid != 0 && fchown(0, u.uid, (gid_t)-1) < 0)
		return -1;
	if (setgroups((size_t)u.count, u.groups) < 0 || setresgid(u.gid, u.gid, u.gid) < 0 || setresuid(u.uid, u.uid, u.uid) < 0)
		return -1;
	if (set_capabilities(u.uid == 0 ? s->keep & ~s->never : 0) < 0)
		return -1;
	/* A change of credentials made the kernel forget it. */
	return die_with_monitor(s);
}

/* The mask of capabilities that may ever be had again; permitted and effective follow with the user. */
int do_capabilities(struct sandbox *s, const struct record *r)
{
	s->keep = arg_number(r, 0);
	for (int cap = 0; cap < 64; cap++) {
		if (s->keep & ~s->never & (1ull << cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			break; /* beyond the last that this kernel knows */
		return -1;
	}
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}
