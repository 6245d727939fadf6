#include "lock.h"
#include "sandbox.h"
#include "tree.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 1: nothing is in it, 0: something is, -1 */
static int is_empty(const char *path)
{
	char buffer[1024] __attribute__((aligned(8)));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), empty = 1;
	long size;
	if (fd < 0)
		return -1;
	while (empty && (size = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
		for (long at = 0; at < size;) {
			/* struct linux_dirent64: ino, off, reclen, type, name */
			const char *name = buffer + at + 19;
			if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
				empty = 0;
			at += *(const unsigned short *)(const void *)(buffer + at + 16);
		}
	if (empty && size < 0)
		empty = -1;
	int error = errno;
	if (close(fd) < 0)
		return -1;
	errno = error;
	return empty;
}

static int touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : close(fd);
}

/* An image that has nothing there, or a file, has nothing to copy. */
static int copy_inside(struct sandbox *s, const char *path, const char *into, const char *marker)
{
	char from[32];
	int fd = open_inside(s, path, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	*put_number(put_text(from, "/proc/self/fd/"), fd) = 0;
	s->detail = marker;
	if (touch(marker) < 0)
		return -1;
	if (tree_copy(from, into, 1, &s->detail) < 0)
		return -1;
	s->detail = marker;
	return unlink(marker) < 0 ? -1 : close(fd);
}

/* path, into, lock, marker, once. What a killed one has left in `into` is copied over, with the marker there until all of it is. */
int do_fill(struct sandbox *s, const struct record *r)
{
	const char *into = arg(r, 1), *marker = arg(r, 3), *once = arg(r, 4);
	s->detail = into;
	if (access(once, F_OK) == 0)
		return 0;
	int lock = take_lock(arg(r, 2));
	if (lock < 0)
		return -1;
	int wanted = access(marker, F_OK) == 0 ? 1 : is_empty(into);
	if (wanted < 0 || (wanted && copy_inside(s, arg(r, 0), into, marker) < 0))
		return -1;
	s->detail = once;
	return touch(once) < 0 ? -1 : close(lock);
}
