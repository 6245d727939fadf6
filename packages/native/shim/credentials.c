#include "accounts.h"
#include "sandbox.h"
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* By name or number, for the user that comes next. */
int do_groups(struct sandbox *s, const struct record *r)
{
	for (unsigned i = 0; i < r->argc; i++) {
		s->detail = arg(r, i);
		if (s->group_count == MOST_ASKED_GROUPS) {
			errno = E2BIG;
			return -1;
		}
		if (group_find(&s->groups[s->group_count++], arg(r, i)) < 0)
			return -1;
	}
	return 0;
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
	if (user_find(s, &u, length ? name : "0") < 0 || user_find_groups(&u, colon && colon[1] ? colon + 1 : NULL) < 0)
		return -1;
	/* The primary group among the others, as in Docker: a setgid program that drops it must not lose it in between (CVE-2022-36109). */
	user_add_group(&u, u.gid);
	for (unsigned i = 1; i < r->argc; i++)
		user_add_group(&u, (gid_t)arg_number(r, i));
	for (int i = 0; i < s->group_count; i++)
		user_add_group(&u, s->groups[i]);
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
