#include "tree.h"
#include "tree_attributes.h"
#include "tree_entry.h"
#include "tree_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Copies all but the directories, whose names are kept for later, so that a directory is read in one pass. */
static int scan(struct tree_copy *run)
{
	struct tree_frame *frame = tree_top(&run->stack);
	const struct tree_entry *entry;
	run->reader.at = run->reader.used = 0;
	while ((entry = tree_next_entry(&run->reader, frame->fd[TREE_SOURCE])))
		if (tree_copy_entry(run, frame, entry->name)) return -1;
	return errno ? tree_copy_failed(run, TREE_SOURCE, NULL) : 0;
}

static int open_side(struct tree_copy *run, struct tree_frame *frame, int side, int dir, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct tree_stat stat;
	frame->fd[side] = side == TREE_SOURCE ? tree_open_source(dir, name, O_DIRECTORY) : openat(dir, name, flags);
	if (frame->fd[side] < 0 || tree_stat(frame->fd[side], "", &stat)) return tree_copy_failed(run, side, run->stack.depth ? name : NULL);
	frame->id[side] = stat.id;
	if (side == TREE_SOURCE) frame->stat = stat;
	return 0;
}

static int open_pair(struct tree_copy *run, struct tree_frame *child, const int dir[TREE_SIDES], const char *name)
{
	if (open_side(run, child, TREE_SOURCE, dir[TREE_SOURCE], name)) return -1;
	if (tree_same_directory(&child->id[TREE_SOURCE], &run->target)) {
		errno = EINVAL; /* the target lies in the source: the copy would never end */
		return tree_copy_failed(run, TREE_SOURCE, name);
	}
	if (run->over && tree_layer_open(child->fd[TREE_SOURCE], dir[TREE_TARGET], name)) return tree_copy_failed(run, TREE_TARGET, name);
	if (mkdirat(dir[TREE_TARGET], name, 0700) && !(run->over && errno == EEXIST)) return tree_copy_failed(run, TREE_TARGET, name);
	return open_side(run, child, TREE_TARGET, dir[TREE_TARGET], name);
}

static void close_pair(const struct tree_frame *frame)
{
	int saved = errno;
	for (int side = 0; side < TREE_SIDES; side++)
		if (frame->fd[side] >= 0) close(frame->fd[side]);
	errno = saved;
}

static int enter(struct tree_copy *run, const char *name)
{
	const struct tree_frame *parent = tree_top(&run->stack);
	struct tree_frame child = {.name = name, .fd = {-1, -1}};
	if (open_pair(run, &child, parent->fd, name)) {
		close_pair(&child);
		return -1;
	}
	if (tree_push(&run->stack, &child)) return tree_copy_failed(run, TREE_SOURCE, name);
	return tree_same_mount(&child.id[TREE_SOURCE], &run->source) ? scan(run) : 0;
}

/* A directory gets its times after its content, and its mode too: it may be one that nobody can write into. */
static int leave(struct tree_copy *run)
{
	const struct tree_frame *frame = tree_top(&run->stack);
	const struct tree_place from = {.fd = frame->fd[TREE_SOURCE]}, to = {.fd = frame->fd[TREE_TARGET]};
	int ours = tree_same_mount(&frame->id[TREE_SOURCE], &run->source);
	if (run->stack.depth == 1 && tree_links_close(&run->links)) return tree_copy_failed(run, TREE_TARGET, NULL);
	if (tree_set_attributes(ours ? &from : NULL, &to, &frame->stat, run->data.buffer)) return tree_copy_failed(run, TREE_TARGET, NULL);
	return tree_pop(&run->stack) ? tree_copy_failed(run, TREE_SOURCE, NULL) : 0;
}

static int open_roots(struct tree_copy *run)
{
	struct tree_frame root = {.name = "", .fd = {-1, -1}};
	for (int side = 0; side < TREE_SIDES; side++) {
		/* The roots are the caller's own paths, so these two may be links. The second descriptor stays: the stack closes its own. */
		int fd = open(run->base[side], O_PATH | O_DIRECTORY | O_CLOEXEC);
		int failed = fd < 0 ? tree_copy_failed(run, side, NULL) : open_side(run, &root, side, fd, ".");
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
	return tree_push(&run->stack, &root) ? tree_copy_failed(run, TREE_TARGET, NULL) : 0;
}

static int walk(struct tree_copy *run)
{
	if (open_roots(run) || scan(run)) return -1;
	while (run->stack.depth) {
		const char *name = tree_names_next(&tree_top(&run->stack)->names);
		if (name ? enter(run, name) : leave(run)) return -1;
	}
	return 0;
}

static int prepared(struct tree_copy *run)
{
	run->reader.buffer = malloc(TREE_ENTRIES_SIZE);
	run->data.buffer = malloc(TREE_BUFFER_SIZE);
	return run->reader.buffer && run->data.buffer ? 0 : tree_copy_failed(run, TREE_SOURCE, NULL);
}

static void release(struct tree_copy *run)
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
	struct tree_copy run = {.base = {from, to}, .over = over, .links = {.source = -1, .target = -1, .staging = -1}};
	int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	mode_t mask = umask(0);
	int failed = prepared(&run) || walk(&run);
	release(&run);
	int saved = errno;
	umask(mask);
	if (home >= 0) {
		if (fchdir(home) && !failed) {
			saved = errno;
			failed = tree_copy_failed(&run, TREE_TARGET, NULL);
		}
		close(home);
	}
	errno = saved;
	if (!failed) return 0;
	*detail = run.detail;
	return -1;
}
