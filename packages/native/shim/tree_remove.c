#include "tree.h"
#include "tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a tree is walked again when somebody else removes (or still writes) it at the same time. */
enum { ROUNDS = 3 };

struct removal {
	struct tree_stack stack;
	struct tree_reader reader;
	const char *path;
	const char *detail;
	int error; /* the first one */
};

static void fail(struct removal *run, const char *leaf)
{
	if (run->error) return;
	run->error = errno;
	run->detail = tree_detail(run->path, &run->stack, leaf);
}

/* An error about `name` in `dir`; the root is its own base, so it has no leaf. */
static void fail_at(struct removal *run, const char *name) { fail(run, run->stack.depth ? name : NULL); }

/* What rmdir says of a directory that there is something to remove in, or that only a look inside can tell. */
static int worth_entering(int error) { return error == ENOTEMPTY || error == EEXIST || error == EPERM || error == EACCES; }

/*
 * Removes one entry, or answers 1 where it is a directory to be entered. rmdir comes before open: it saves the visit of an empty
 * directory, and the kernel refuses it for a mount point of any kind (EBUSY), bind mounts of the same file system included, before
 * anything behind it was touched.
 */
static int remove_entry(struct removal *run, int dir, const char *name, int type)
{
	if (type != DT_DIR) {
		if (!unlinkat(dir, name, 0) || errno == ENOENT) return 0;
		if (errno != EISDIR && !(type == DT_UNKNOWN && errno == EPERM)) {
			fail_at(run, name);
			return 0;
		}
	}
	if (!unlinkat(dir, name, AT_REMOVEDIR) || errno == ENOENT) return 0;
	if (worth_entering(errno)) return 1;
	fail_at(run, name);
	return 0;
}

/* Removes all but the directories that have something in them: their names are kept for later, so that one pass reads the directory. */
static void scan(struct removal *run)
{
	struct tree_frame *frame = tree_top(&run->stack);
	const struct tree_entry *entry;
	run->reader.at = run->reader.used = 0;
	while ((entry = tree_next_entry(&run->reader, frame->fd[TREE_SOURCE])))
		if (remove_entry(run, frame->fd[TREE_SOURCE], entry->name, entry->type) && tree_names_add(&frame->names, entry->name))
			fail(run, entry->name);
	/* A directory that was removed while it is open reads as ENOENT. */
	if (errno && errno != ENOENT) fail(run, NULL);
}

static int open_directory(struct removal *run, int dir, const char *name, struct tree_frame *frame)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	*frame = (struct tree_frame){.name = name, .fd = {fd, -1}};
	if (fd >= 0) {
		if (!tree_stat(fd, "", &frame->stat)) {
			frame->id[TREE_SOURCE] = frame->stat.id;
			return 0;
		}
		int saved = errno;
		close(fd);
		errno = saved;
	} else if (errno == ENOTDIR || errno == ELOOP) {
		/* Not a directory after all (a file system without d_type), or no longer. */
		if (!unlinkat(dir, name, 0)) return -1;
	}
	if (errno != ENOENT) fail_at(run, name);
	return -1;
}

static void enter(struct removal *run, const char *name)
{
	struct tree_frame *parent = run->stack.depth ? tree_top(&run->stack) : NULL;
	struct tree_frame child;
	if (open_directory(run, parent ? parent->fd[TREE_SOURCE] : AT_FDCWD, name, &child)) return;
	/* rmdir has refused mount points already; this is for one that was mounted since. */
	if (parent && !tree_same_mount(&parent->id[TREE_SOURCE], &child.id[TREE_SOURCE])) {
		close(child.fd[TREE_SOURCE]);
		errno = EBUSY;
		fail(run, name);
		return;
	}
	if (tree_push(&run->stack, &child)) fail(run, name);
	else scan(run);
}

/* Answers -1 where the way up is lost, and with it the rest of the walk. */
static int leave(struct removal *run)
{
	const char *name = tree_top(&run->stack)->name;
	if (tree_pop(&run->stack)) {
		fail(run, NULL);
		return -1;
	}
	int dir = run->stack.depth ? tree_top(&run->stack)->fd[TREE_SOURCE] : AT_FDCWD;
	if (unlinkat(dir, name, AT_REMOVEDIR) && errno != ENOENT) fail_at(run, name);
	return 0;
}

static void walk(struct removal *run)
{
	if (!remove_entry(run, AT_FDCWD, run->path, DT_UNKNOWN)) return;
	enter(run, run->path);
	while (run->stack.depth) {
		const char *name = tree_names_next(&tree_top(&run->stack)->names);
		if (name) enter(run, name);
		else if (leave(run)) break;
	}
	tree_stack_free(&run->stack);
}

/* Errors that another walk over the same tree may not meet again. */
static int may_pass(int error) { return error == ENOTEMPTY || error == EEXIST || error == ENOENT || error == ESTALE; }

/* The path without slashes at its end: with one, O_NOFOLLOW would follow a link. "." and ".." do not name what is to be removed. */
static int plain_path(const char *path, char *plain)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/') length--;
	if (length >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(plain, path, length);
	plain[length] = '\0';
	const char *slash = strrchr(plain, '/');
	const char *last = slash ? slash + 1 : plain;
	if (*last && strcmp(last, ".") && strcmp(last, "..")) return 0;
	errno = EINVAL;
	return -1;
}

int tree_remove(const char *path, const char **detail)
{
	char plain[PATH_MAX];
	struct removal run = {.path = path};
	run.reader.buffer = malloc(TREE_ENTRIES_SIZE);
	if (!run.reader.buffer || plain_path(path, plain)) {
		fail(&run, NULL);
	} else {
		run.path = plain;
		for (int round = 0; round < ROUNDS && (round == 0 || may_pass(run.error)); round++) {
			run.error = 0;
			walk(&run);
		}
	}
	free(run.reader.buffer);
	if (!run.error) return 0;
	*detail = run.detail;
	errno = run.error;
	return -1;
}
