#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What tree_copy and tree_remove share: a depth-first walk over directory descriptors whose stack is on the heap. */

/* `mount` is 0 on kernels before 5.8, which do not tell it. */
struct tree_id {
	uint64_t device, inode, mount;
};

struct tree_stat {
	struct tree_id id;
	uint32_t mode, uid, gid, links, rdev_major, rdev_minor;
	uint64_t size, blocks; /* bytes; units of 512 bytes */
	struct timespec times[2]; /* atime, mtime: as utimensat takes them */
};

/* Never follows `name`; "" is `dir` itself. Answers 0 or -1 with errno. */
int tree_stat(int dir, const char *name, struct tree_stat *stat);
int tree_same_directory(const struct tree_id *a, const struct tree_id *b);
int tree_same_mount(const struct tree_id *a, const struct tree_id *b);

/* Names of subdirectories still to be visited, one after the other in one block of memory. */
struct tree_names {
	char *text;
	size_t used, size, next;
};

int tree_names_add(struct tree_names *names, const char *name);
/* NULL when all were given out. What it answers stays valid until the frame is popped. */
const char *tree_names_next(struct tree_names *names);

/* A copy walks two trees at once, a removal only the first. */
enum { TREE_SOURCE, TREE_TARGET, TREE_SIDES };

struct tree_frame {
	const char *name; /* in the parent's list of names */
	int fd[TREE_SIDES]; /* -1: not used, or closed because it is far from the top */
	struct tree_id id[TREE_SIDES];
	struct tree_stat stat; /* of the source */
	struct tree_names names;
};

struct tree_stack {
	struct tree_frame *frames;
	size_t depth, size;
};

/* Takes over the descriptors, also when it fails (-1 with errno). Pointers to other frames are void afterwards. */
int tree_push(struct tree_stack *stack, const struct tree_frame *frame);
/* Leaves the top directory and makes sure that its parent is open. -1 with errno, ESTALE when the parent is not the one we came from. */
int tree_pop(struct tree_stack *stack);
void tree_stack_free(struct tree_stack *stack);

static inline struct tree_frame *tree_top(struct tree_stack *stack) { return &stack->frames[stack->depth - 1]; }

struct tree_entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type; /* DT_*, DT_UNKNOWN on file systems that do not keep it */
	char name[];
};

enum { TREE_ENTRIES_SIZE = 32768 };

/* `buffer` has TREE_ENTRIES_SIZE bytes, aligned for a struct tree_entry. */
struct tree_reader {
	char *buffer;
	size_t used, at;
};

/* The next entry of `dir` but . and .. ; NULL at the end with errno 0, or on an error. */
const struct tree_entry *tree_next_entry(struct tree_reader *reader, int dir);

/* Writes base/frames.../leaf into the static detail buffer (`leaf` NULL: the directory on top) and keeps errno. */
const char *tree_detail(const char *base, const struct tree_stack *stack, const char *leaf);
