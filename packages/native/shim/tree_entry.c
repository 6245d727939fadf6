#include "tree_entry.h"
#include "tree_attributes.h"
#include "tree_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int tree_copy_failed(struct tree_copy *run, int side, const char *leaf)
{
	run->detail = tree_detail(run->base[side], &run->stack, leaf);
	return -1;
}

int tree_open_source(int dir, const char *name, int flags)
{
	flags |= O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(dir, name, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? openat(dir, name, flags) : fd;
}

static int open_new(int dir, const char *name)
{
	return openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* close(2) is where some file systems (NFS) first tell that a write failed. */
static int close_new(int fd, int failed)
{
	int saved = errno;
	int lost = close(fd);
	if (failed) errno = saved;
	return failed || lost ? -1 : 0;
}

static int copy_into(struct tree_copy *run, int in, int dir, const char *name, const struct tree_stat *stat)
{
	const struct tree_place from = {.fd = in};
	const struct tree_place to = {.fd = open_new(dir, name)};
	if (to.fd < 0) return -1;
	int failed = tree_copy_data(&run->data, in, to.fd, stat) || tree_set_attributes(&from, &to, stat, run->data.buffer);
	return close_new(to.fd, failed);
}

static int copy_file(struct tree_copy *run, const int dir[TREE_SIDES], const char *name)
{
	struct tree_stat stat;
	int in = tree_open_source(dir[TREE_SOURCE], name, 0);
	if (in < 0) return tree_copy_failed(run, TREE_SOURCE, name);
	int failed = tree_stat(in, "", &stat);
	if (!failed && !S_ISREG(stat.mode)) {
		errno = ESTALE;
		failed = -1;
	}
	if (failed) tree_copy_failed(run, TREE_SOURCE, name);
	else if (copy_into(run, in, dir[TREE_TARGET], name, &stat)) failed = tree_copy_failed(run, TREE_TARGET, name);
	int saved = errno;
	close(in);
	errno = saved;
	return failed;
}

static int copy_symlink(struct tree_copy *run, const int dir[TREE_SIDES], const char *name)
{
	char *text = run->data.buffer;
	ssize_t length = readlinkat(dir[TREE_SOURCE], name, text, PATH_MAX);
	if (length < 0) return tree_copy_failed(run, TREE_SOURCE, name);
	text[length] = '\0';
	return symlinkat(text, dir[TREE_TARGET], name) ? tree_copy_failed(run, TREE_TARGET, name) : 0;
}

/* What is not opened: a symlink, a device, a FIFO, a socket. */
static int copy_node(struct tree_copy *run, const int dir[TREE_SIDES], const char *name, const struct tree_stat *stat)
{
	const struct tree_place from = {.fd = -1, .dir = dir[TREE_SOURCE], .name = name};
	const struct tree_place to = {.fd = -1, .dir = dir[TREE_TARGET], .name = name};
	if (S_ISLNK(stat->mode)) {
		if (copy_symlink(run, dir, name)) return -1;
	} else if (mknodat(to.dir, name, stat->mode, makedev(stat->rdev_major, stat->rdev_minor))) {
		return tree_copy_failed(run, TREE_TARGET, name);
	}
	return tree_set_attributes(&from, &to, stat, run->data.buffer) ? tree_copy_failed(run, TREE_TARGET, name) : 0;
}

/* A file over which another is mounted: what it holds cannot be seen, and what is mounted there is not part of the tree. */
static int copy_mount_point(struct tree_copy *run, int dir, const char *name, const struct tree_stat *stat)
{
	const struct tree_place to = {.fd = open_new(dir, name)};
	if (to.fd < 0 || close_new(to.fd, tree_set_attributes(NULL, &to, stat, NULL))) return tree_copy_failed(run, TREE_TARGET, name);
	return 0;
}

static int copy_linked(struct tree_copy *run, const int dir[TREE_SIDES], const char *name, const struct tree_stat *stat)
{
	int joined = stat->links > 1 ? tree_links_join(&run->links, stat, dir[TREE_TARGET], name) : 0;
	if (joined < 0) return tree_copy_failed(run, TREE_TARGET, name);
	if (joined) return 0;
	if (S_ISREG(stat->mode) ? copy_file(run, dir, name) : copy_node(run, dir, name, stat)) return -1;
	if (stat->links > 1 && tree_links_keep(&run->links, stat, dir[TREE_TARGET], name)) return tree_copy_failed(run, TREE_TARGET, name);
	return 0;
}

int tree_copy_entry(struct tree_copy *run, struct tree_frame *frame, const char *name)
{
	struct tree_stat stat;
	if (tree_stat(frame->fd[TREE_SOURCE], name, &stat)) return errno == ENOENT ? 0 : tree_copy_failed(run, TREE_SOURCE, name);
	if (S_ISDIR(stat.mode)) return tree_names_add(&frame->names, name) ? tree_copy_failed(run, TREE_SOURCE, name) : 0;
	if (run->over && tree_layer_clear(frame->fd[TREE_TARGET], name)) return tree_copy_failed(run, TREE_TARGET, name);
	if (run->over && tree_is_whiteout(&stat)) return 0;
	if (!tree_same_mount(&stat.id, &run->source)) return copy_mount_point(run, frame->fd[TREE_TARGET], name, &stat);
	return copy_linked(run, frame->fd, name, &stat);
}
