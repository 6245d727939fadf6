#include "tree_attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static ssize_t list(const struct tree_place *place, char *names)
{
	if (place->fd >= 0) return flistxattr(place->fd, names, TREE_XATTR_LIST);
	return fchdir(place->dir) ? -1 : llistxattr(place->name, names, TREE_XATTR_LIST);
}

static ssize_t get(const struct tree_place *place, const char *key, char *value)
{
	if (place->fd >= 0) return fgetxattr(place->fd, key, value, TREE_XATTR_VALUE);
	return fchdir(place->dir) ? -1 : lgetxattr(place->name, key, value, TREE_XATTR_VALUE);
}

static int set(const struct tree_place *place, const char *key, const char *value, size_t size)
{
	if (place->fd >= 0) return fsetxattr(place->fd, key, value, size, 0);
	return fchdir(place->dir) ? -1 : lsetxattr(place->name, key, value, size, 0);
}

/*
 * What the target cannot store is left out. Labels of the host's security modules (security.selinux, security.ima) are the host's to
 * set, and refused with various errors; security.capability is the program's own and must arrive.
 */
static int may_miss(const char *key, int error)
{
	if (error == ENOTSUP) return 1;
	return !strncmp(key, "security.", 9) && strcmp(key, "security.capability") != 0;
}

static int copy_xattrs(const struct tree_place *from, const struct tree_place *to, char *names, char *value)
{
	ssize_t size = list(from, names);
	if (size < 0) return errno == ENOTSUP ? 0 : -1;
	for (const char *key = names; key < names + size; key += strlen(key) + 1) {
		if (!strncmp(key, TREE_OVERLAY, sizeof TREE_OVERLAY - 1)) continue;
		ssize_t length = get(from, key, value);
		if (length < 0 && (errno == ENODATA || errno == ENOTSUP)) continue;
		if (length < 0 || (set(to, key, value, (size_t)length) && !may_miss(key, errno))) return -1;
	}
	return 0;
}

static int set_owner(const struct tree_place *to, const struct tree_stat *stat)
{
	if (to->fd >= 0) return fchown(to->fd, stat->uid, stat->gid);
	return fchownat(to->dir, to->name, stat->uid, stat->gid, AT_SYMLINK_NOFOLLOW);
}

static int set_mode(const struct tree_place *to, const struct tree_stat *stat)
{
	if (to->fd >= 0) return fchmod(to->fd, stat->mode & 07777);
	/* Nodes were made with their mode; chown took only these bits. (libc needs /proc for this call, so it is the exception.) */
	if (S_ISLNK(stat->mode) || !(stat->mode & (S_ISUID | S_ISGID))) return 0;
	return fchmodat(to->dir, to->name, stat->mode & 07777, AT_SYMLINK_NOFOLLOW);
}

static int set_times(const struct tree_place *to, const struct tree_stat *stat)
{
	if (to->fd >= 0) return futimens(to->fd, stat->times);
	return utimensat(to->dir, to->name, stat->times, AT_SYMLINK_NOFOLLOW);
}

int tree_set_attributes(const struct tree_place *from, const struct tree_place *to, const struct tree_stat *stat, char *buffer)
{
	/* The order is the kernel's: chown clears setuid bits and file capabilities, so it comes first; times come last. */
	if (set_owner(to, stat)) return -1;
	if (from && copy_xattrs(from, to, buffer, buffer + TREE_XATTR_LIST)) return -1;
	if (set_mode(to, stat)) return -1;
	return set_times(to, stat);
}
