/* Users and groups as the container itself names them. */
#pragma once
#include "sandbox.h"
#include <stddef.h>
#include <sys/types.h>

enum { MOST_GROUPS = 64 };

struct span {
	const char *at;
	size_t length;
};

struct user {
	uid_t uid;
	gid_t gid;
	struct span name;
	gid_t groups[MOST_GROUPS];
	int count;
};

/* By name or number, from the container's passwd; sets the sandbox's home as well. -1 and ESRCH: there is no such name. */
int user_find(struct sandbox *, struct user *, const char *wanted);
/* `wanted`: the primary group that was asked for by name or number; NULL: the user's, and every group that lists the user. */
int user_find_groups(struct user *, const char *wanted);
/* A group by name or number, from the container's group file. -1 and ESRCH: there is no such name. */
int group_find(gid_t *, const char *wanted);
/* One more, where it is not among them and there is room. */
void user_add_group(struct user *, gid_t);
