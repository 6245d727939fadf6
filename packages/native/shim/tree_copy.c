#include "tree.h"
#include "tree_attributes.h"
#include "tree_data.h"
#include "tree_layer.h"
#include "tree_links.h"
#include "tree_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

struct copy {
	struct tree_stack stack;
	struct tree_reader reader;
	struct tree_data data;
	struct tree_links links;
	struct tree_id source, target; /* the roots */
	int over;
	const char *base[TREE_SIDES];
	const char *detail;
};

static int fail(struct copy *run, int side, const char *leaf)
{
	run->detail = tree_detail(run->base[side], &run->stack, leaf);
	return -1;
}

/* O_NOATIME keeps the source as it was; only the owner and root may ask for it. O_NONBLOCK: should the name have become a FIFO. */
static int open_source(int dir, const char *name, int flags)
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

static int copy_into(struct copy *run, int in, int dir, const char *name, const struct tree_stat *stat)
{
	const struct tree_place from = {.fd = in};
	const struct tree_place to = {.fd = open_new(dir, name)};
	if (to.fd < 0) return -1;
	int failed = tree_copy_data(&run->data, in, to.fd, stat) || tree_set_attributes(&from, &to, stat, run->data.buffer);
	return close_new(to.fd, failed);
}

static int copy_file(struct copy *run, const int dir[TREE_SIDES], const char *name)
{
	struct tree_stat stat;
	int in = open_source(dir[TREE_SOURCE], name, 0);
	if (in < 0) return fail(run, TREE_SOURCE, name);
	int failed = tree_stat(in, "", &stat);
	if (!failed && !S_ISREG(stat.mode)) {
		errno = ESTALE;
		failed = -1;
	}
	if (failed) fail(run, TREE_SOURCE, name);
	else if (copy_into(run, in, dir[TREE_TARGET], name, &stat)) failed = fail(run, TREE_TARGET, name);
	int saved = errno;
	close(in);
	errno = saved;
	return failed;
}

static int copy_symlink(struct copy *run, const int dir[TREE_SIDES], const char *name)
{
	char *text = run->data.buffer;
	ssize_t length = readlinkat(dir[TREE_SOURCE], name, text, PATH_MAX);
	if (length < 0) return fail(run, TREE_SOURCE, name);
	text[length] = '\0';
	return symlinkat(text, dir[TREE_TARGET], name) ? fail(run, TREE_TARGET, name) : 0;
}

/* What is not opened: a symlink, a device, a FIFO, a socket. */
static int copy_node(struct copy *run, const int dir[TREE_SIDES], const char *name, const struct tree_stat *stat)
{
	const struct tree_place from = {.fd = -1, .dir = dir[TREE_SOURCE], .name = name};
	const struct tree_place to = {.fd = -1, .dir = dir[TREE_TARGET], .name = name};
	if (S_ISLNK(stat->mode)) {
		if (copy_symlink(run, dir, name)) return -1;
	} else if (mknodat(to.dir, name, stat->mode, makedev(stat->rdev_major, stat->rdev_minor))) {
		return fail(run, TREE_TARGET, name);
	}
	return tree_set_attributes(&from, &to, stat, run->data.buffer) ? fail(run, TREE_TARGET, name) : 0;
}

/* A file over which another is mounted: what it holds cannot be seen, and what is mounted there is not part of the tree. */
static int copy_mount_point(struct copy *run, int dir, const char *name, const struct tree_stat *stat)
{
	const struct tree_place to = {.fd = open_new(dir, name)};
	if (to.fd < 0 || close_new(to.fd, tree_set_attributes(NULL, &to, stat, NULL))) return fail(run, TREE_TARGET, name);
	return 0;
}

static int copy_linked(struct copy *run, const int dir[TREE_SIDES], const char *name, const struct tree_stat *stat)
{
	int joined = stat->links > 1 ? tree_links_join(&run->links, stat, dir[TREE_TARGET], name) : 0;
	if (joined < 0) return fail(run, TREE_TARGET, name);
	if (joined) return 0;
	if (S_ISREG(stat->mode) ? copy_file(run, dir, name) : copy_node(run, dir, name, stat)) return -1;
	if (stat->links > 1 && tree_links_keep(&run->links, stat, dir[TREE_TARGET], name)) return fail(run, TREE_TARGET, name);
	return 0;
}

static int copy_entry(struct copy *run, struct tree_frame *frame, const char *name)
{
	struct tree_stat stat;
	if (tree_stat(frame->fd[TREE_SOURCE], name, &stat)) return errno == ENOENT ? 0 : fail(run, TREE_SOURCE, name);
	if (S_ISDIR(stat.mode)) return tree_names_add(&frame->names, name) ? fail(run, TREE_SOURCE, name) : 0;
	if (run->over && tree_layer_clear(frame->fd[TREE_TARGET], name)) return fail(run, TREE_TARGET, name);
	if (run->over && tree_is_whiteout(&stat)) return 0;
	if (!tree_same_mount(&stat.id, &run->source)) return copy_mount_point(run, frame->fd[TREE_TARGET], name, &stat);
	return copy_linked(run, frame->fd, name, &stat);
}

/* Copies all but the directories, whose names are kept for later, so that a directory is read in one pass. */
static int scan(struct copy *run)
{
	struct tree_frame *frame = tree_top(&run->stack);
	const struct tree_entry *entry;
	run->reader.at = run->reader.used = 0;
	while ((entry = tree_next_entry(&run->reader, frame->fd[TREE_SOURCE])))
		if (copy_entry(run, frame, entry->name)) return -1;
	return errno ? fail(run, TREE_SOURCE, NULL) : 0;
}

static int open_side(struct copy *run, struct tree_frame *frame, int side, int dir, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct tree_stat stat;
	frame->fd[side] = side == TREE_SOURCE ? open_source(dir, name, O_DIRECTORY) : openat(dir, name, flags);
	if (frame->fd[side] < 0 || tree_stat(frame->fd[side], "", &stat)) return fail(run, side, run->stack.depth ? name : NULL);
	frame->id[side] = stat.id;
	if (side == TREE_SOURCE) frame->stat = stat;
	return 0;
}

static int open_pair(struct copy *run, struct tree_frame *child, const int dir[TREE_SIDES], const char *name)
{
	if (open_side(run, child, TREE_SOURCE, dir[TREE_SOURCE], name)) return -1;
	if (tree_same_directory(&child->id[TREE_SOURCE], &run->target)) {
		errno = EINVAL; /* the target lies in the source: the copy would never end */
		return fail(run, TREE_SOURCE, name);
	}
	if (run->over && tree_layer_open(child->fd[TREE_SOURCE], dir[TREE_TARGET], name)) return fail(run, TREE_TARGET, name);
	if (mkdirat(dir[TREE_TARGET], name, 0700) && !(run->over && errno == EEXIST)) return fail(run, TREE_TARGET, name);
	return open_side(run, child, TREE_TARGET, dir[TREE_TARGET], name);
}

static void close_pair(const struct tree_frame *frame)
{
	int saved = errno;
	for (int side = 0; side < TREE_SIDES; side++)
		if (frame->fd[side] >= 0) close(frame->fd[side]);
	errno = saved;
}

static int enter(struct copy *run, const char *name)
{
	const struct tree_frame *parent = tree_top(&run->stack);
	struct tree_frame child = {.name = name, .fd = {-1, -1}};
	if (open_pair(run, &child, parent->fd, name)) {
		close_pair(&child);
		return -1;
	}
	if (tree_push(&run->stack, &child)) return fail(run, TREE_SOURCE, name);
	return tree_same_mount(&child.id[TREE_SOURCE], &run->source) ? scan(run) : 0;
}

/* A directory gets its times after its content, and its mode too: it may be one that nobody can write into. */
static int leave(struct copy *run)
{
	const struct tree_frame *frame = tree_top(&run->stack);
	const struct tree_place from = {.fd = frame->fd[TREE_SOURCE]}, to = {.fd = frame->fd[TREE_TARGET]};
	int ours = tree_same_mount(&frame->id[TREE_SOURCE], &run->source);
	if (run->stack.depth == 1 && tree_links_close(&run->links)) return fail(run, TREE_TARGET, NULL);
	if (tree_set_attributes(ours ? &from : NULL, &to, &frame->stat, run->data.buffer)) return fail(run, TREE_TARGET, NULL);
	return tree_pop(&run->stack) ? fail(run, TREE_SOURCE, NULL) : 0;
}

static int open_roots(struct copy *run)
{
	struct tree_frame root = {.name = "", .fd = {-1, -1}};
	for (int side = 0; side < TREE_SIDES; side++) {
		/* The roots are the caller's own paths, so these two may be links. The second descriptor stays: the stack closes its own. */
		int fd = open(run->base[side], O_PATH | O_DIRECTORY | O_CLOEXEC);
		int failed = fd < 0 ? fail(run, side, NULL) : open_side(run, &root, side, fd, ".");
		*(side == TREE_SOURCE ? &run->links.source : &run->links.target) = fd;
		if (failed) {
			close_pair(&root);
			return -1;
		}
	}
	run->source = root.id[TREE_SOURCE];
	run->target = root.id[TREE_TARGET];
	/* Access lists of the target itself would be inherited by all that is made in it. */
	fremovexattr(root.fd[TREE_TARGET], "system.posix_acl_default");
	fremovexattr(root.fd[TREE_TARGET], "system.posix_acl_access");
	return tree_push(&run->stack, &root) ? fail(run, TREE_TARGET, NULL) : 0;
}

static int walk(struct copy *run)
{
	if (open_roots(run) || scan(run)) return -1;
	while (run->stack.depth) {
		const char *name = tree_names_next(&tree_top(&run->stack)->names);
		if (name ? enter(run, name) : leave(run)) return -1;
	}
	return 0;
}

static int prepared(struct copy *run)
{
	run->reader.buffer = malloc(TREE_ENTRIES_SIZE);
	run->data.buffer = malloc(TREE_BUFFER_SIZE);
	return run->reader.buffer && run->data.buffer ? 0 : fail(run, TREE_SOURCE, NULL);
}

static void release(struct copy *run)
{
	int saved = errno;
	tree_stack_free(&run->stack);
	tree_links_close(&run->links);
	if (run->links.source >= 0) close(run->links.source);
	if (run->links.target >= 0) close(run->links.target);
	free(run->reader.buffer);
	free(run->data.buffer);
	errno = saved;
}

int tree_copy(const char *from, const char *to, int over, const char **detail)
{
	struct copy run = {.base = {from, to}, .over = over, .links = {.source = -1, .target = -1, .staging = -1}};
	int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	mode_t mask = umask(0);
	int failed = prepared(&run) || walk(&run);
	release(&run);
	int saved = errno;
	umask(mask);
	if (home >= 0) {
		if (fchdir(home) && !failed) {
			saved = errno;
			failed = fail(&run, TREE_TARGET, NULL);
		}
		close(home);
	}
	errno = saved;
	if (!failed) return 0;
	*detail = run.detail;
	return -1;
}
