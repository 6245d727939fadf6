#include "sandbox.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* An image may hold a link anywhere, /proc -> /etc for one: the kernel resolves it as if the container's root were /. */
int open_inside(const struct sandbox *s, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	while (*path == '/')
		path++;
	return (int)syscall(SYS_openat2, s->root, *path ? path : ".", &how, sizeof how);
}

/* The path without its last component, which is answered; NULL and errno where it is too long. */
static const char *split(const char *path, char parent[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	if (length >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(parent, path, length);
	parent[length] = 0;
	return slash ? slash + 1 : path;
}

/* Opens the directory that holds the last component, which *name then points to. */
static int open_parent(const struct sandbox *s, const char *path, const char **name)
{
	char parent[PATH_MAX];
	*name = split(path, parent);
	return *name ? open_inside(s, parent, O_PATH | O_DIRECTORY) : -1;
}

static int close_keeping_errno(int fd, int result)
{
	int error = errno;
	if (close(fd) < 0 && result == 0)
		return -1;
	errno = error;
	return result;
}

static int make_one(const struct sandbox *s, const char *path, mode_t mode)
{
	const char *name;
	int parent = open_parent(s, path, &name);
	if (parent < 0)
		return -1;
	return close_keeping_errno(parent, mkdirat(parent, name, mode));
}

int make_directories(const struct sandbox *s, const char *path, mode_t mode)
{
	char prefix[PATH_MAX];
	size_t length = strlen(path);
	if (length >= sizeof prefix) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (size_t i = 1; i <= length; i++) {
		if (i < length && path[i] != '/')
			continue;
		memcpy(prefix, path, i);
		prefix[i] = 0;
		if (prefix[i - 1] == '/')
			continue;
		int fd = open_inside(s, prefix, O_PATH | O_DIRECTORY);
		if (fd >= 0) {
			if (close(fd) < 0)
				return -1;
		} else if (errno != ENOENT || make_one(s, prefix, mode) < 0) {
			return -1;
		}
	}
	return 0;
}

int make_file(const struct sandbox *s, const char *path)
{
	const char *name;
	char directory[PATH_MAX];
	int fd = open_inside(s, path, O_PATH);
	if (fd >= 0)
		return close(fd);
	if (errno != ENOENT)
		return -1;
	if (!split(path, directory) || make_directories(s, directory, 0755) < 0)
		return -1;
	int parent = open_parent(s, path, &name);
	if (parent < 0)
		return -1;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd >= 0 && close(fd) < 0)
		fd = -1;
	return close_keeping_errno(parent, fd < 0 ? -1 : 0);
}

int do_mkdir(struct sandbox *s, const struct record *r)
{
	s->detail = arg(r, 0);
	return make_directories(s, arg(r, 0), (mode_t)arg_number(r, 1));
}

int do_symlink(struct sandbox *s, const struct record *r)
{
	const char *name;
	s->detail = arg(r, 0);
	int parent = open_parent(s, arg(r, 0), &name);
	if (parent < 0)
		return -1;
	return close_keeping_errno(parent, symlinkat(arg(r, 1), parent, name));
}

/* path, type (c or b), major, minor, mode */
int do_mknod(struct sandbox *s, const struct record *r)
{
	const char *name;
	mode_t mode = (mode_t)arg_number(r, 4), type = *arg(r, 1) == 'b' ? S_IFBLK : S_IFCHR;
	s->detail = arg(r, 0);
	int parent = open_parent(s, arg(r, 0), &name);
	if (parent < 0)
		return -1;
	int made = mknodat(parent, name, type | mode, makedev(arg_number(r, 2), arg_number(r, 3)));
	/* Again, because the umask took bits away; the node is ours, in a directory that nobody else can reach yet. */
	if (made == 0)
		made = fchmodat(parent, name, mode, 0);
	return close_keeping_errno(parent, made);
}
