#include "tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A chain of directories may be far longer than RLIMIT_NOFILE. Only the topmost frames keep their descriptors; the others are opened
 * again through "..", which is trusted only after its identity was compared: a directory that was moved meanwhile has another parent.
 */
enum { OPEN_FRAMES = 16 };

/*
 * statx(2) by number: musl 1.2.3 has no wrapper, and not every libc knows the mount id, which alone tells a bind mount of the same
 * file system.
 */
enum {
	BASIC_STATS = 0x7ff,
	MOUNT_ID = 0x1000,
	NO_AUTOMOUNT = 0x800, /* looking at a directory must not mount something on it */
};

struct kernel_time {
	int64_t seconds;
	uint32_t nanoseconds;
	int32_t reserved;
};

struct kernel_statx {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, uid, gid;
	uint16_t mode, spare;
	uint64_t inode, size, blocks, attributes_mask;
	struct kernel_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mount;
	uint64_t later[13];
};
_Static_assert(sizeof(struct kernel_statx) == 256, "the layout of struct statx is fixed by the kernel");

static struct timespec to_timespec(const struct kernel_time *time)
{
	return (struct timespec){.tv_sec = time->seconds, .tv_nsec = time->nanoseconds};
}

int tree_stat(int dir, const char *name, struct tree_stat *stat)
{
	struct kernel_statx raw;
	int flags = AT_SYMLINK_NOFOLLOW | NO_AUTOMOUNT | (*name ? 0 : AT_EMPTY_PATH);
	if (syscall(SYS_statx, dir, name, flags, BASIC_STATS | MOUNT_ID, &raw)) return -1;
	*stat = (struct tree_stat){
			.id = {.device = (uint64_t)raw.dev_major << 32 | raw.dev_minor,
						 .inode = raw.inode,
						 .mount = raw.mask & MOUNT_ID ? raw.mount : 0},
			.mode = raw.mode,
			.uid = raw.uid,
			.gid = raw.gid,
			.links = raw.links,
			.rdev_major = raw.rdev_major,
			.rdev_minor = raw.rdev_minor,
			.size = raw.size,
			.blocks = raw.blocks,
			.times = {to_timespec(&raw.atime), to_timespec(&raw.mtime)},
	};
	return 0;
}

int tree_same_mount(const struct tree_id *a, const struct tree_id *b)
{
	/* The device cannot decide where the mount id is known: overlay and btrfs show several devices within one mount. */
	if (a->mount && b->mount) return a->mount == b->mount;
	return a->device == b->device;
}

int tree_same_directory(const struct tree_id *a, const struct tree_id *b)
{
	return a->inode == b->inode && a->device == b->device;
}

static void *grown(void *block, size_t *size, size_t element, size_t start)
{
	size_t size_now = *size ? *size * 2 : start;
	void *moved = reallocarray(block, size_now, element);
	if (moved) *size = size_now;
	return moved;
}

int tree_names_add(struct tree_names *names, const char *name)
{
	size_t length = strlen(name) + 1;
	while (names->size - names->used < length) {
		char *text = grown(names->text, &names->size, 1, 256);
		if (!text) return -1;
		names->text = text;
	}
	memcpy(names->text + names->used, name, length);
	names->used += length;
	return 0;
}

const char *tree_names_next(struct tree_names *names)
{
	if (names->next == names->used) return NULL;
	const char *name = names->text + names->next;
	names->next += strlen(name) + 1;
	return name;
}

static void close_sides(struct tree_frame *frame)
{
	for (int side = 0; side < TREE_SIDES; side++) {
		if (frame->fd[side] >= 0) close(frame->fd[side]);
		frame->fd[side] = -1;
	}
}

int tree_push(struct tree_stack *stack, const struct tree_frame *frame)
{
	if (stack->depth == stack->size) {
		struct tree_frame *frames = grown(stack->frames, &stack->size, sizeof *frames, OPEN_FRAMES);
		if (!frames) {
			struct tree_frame lost = *frame;
			close_sides(&lost);
			errno = ENOMEM;
			return -1;
		}
		stack->frames = frames;
	}
	stack->frames[stack->depth++] = *frame;
	if (stack->depth > OPEN_FRAMES) close_sides(&stack->frames[stack->depth - 1 - OPEN_FRAMES]);
	return 0;
}

static int reopen_parent(const struct tree_frame *child, struct tree_frame *parent, int side)
{
	struct tree_stat stat;
	int fd = openat(child->fd[side], "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) return -1;
	int failed = tree_stat(fd, "", &stat);
	if (!failed && !(tree_same_directory(&stat.id, &parent->id[side]) && tree_same_mount(&stat.id, &parent->id[side]))) {
		errno = ESTALE;
		failed = -1;
	}
	if (failed) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	parent->fd[side] = fd;
	return 0;
}

int tree_pop(struct tree_stack *stack)
{
	struct tree_frame *child = tree_top(stack);
	if (stack->depth > 1) {
		struct tree_frame *parent = child - 1;
		for (int side = 0; side < TREE_SIDES; side++)
			if (child->fd[side] >= 0 && parent->fd[side] < 0 && reopen_parent(child, parent, side)) return -1;
	}
	close_sides(child);
	free(child->names.text);
	stack->depth--;
	return 0;
}

void tree_stack_free(struct tree_stack *stack)
{
	int saved = errno;
	for (size_t i = 0; i < stack->depth; i++) {
		close_sides(&stack->frames[i]);
		free(stack->frames[i].names.text);
	}
	free(stack->frames);
	*stack = (struct tree_stack){0};
	errno = saved;
}

static int is_dot(const char *name) { return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])); }

const struct tree_entry *tree_next_entry(struct tree_reader *reader, int dir)
{
	for (;;) {
		if (reader->at == reader->used) {
			long got = syscall(SYS_getdents64, dir, reader->buffer, TREE_ENTRIES_SIZE);
			reader->at = 0;
			reader->used = got > 0 ? (size_t)got : 0;
			if (got == 0) errno = 0;
			if (got <= 0) return NULL;
		}
		const struct tree_entry *entry = (const struct tree_entry *)(const void *)(reader->buffer + reader->at);
		reader->at += entry->length;
		if (!is_dot(entry->name)) return entry;
	}
}

/* Bytes that do not fit are dropped; the caller sees it by the length. */
static size_t append(char *buffer, size_t size, size_t at, const char *text)
{
	size_t length = strlen(text);
	if (at < size) memcpy(buffer + at, text, length < size - at ? length : size - at);
	return at + length;
}

const char *tree_detail(const char *base, const struct tree_stack *stack, const char *leaf)
{
	static char detail[512];
	static const char cut[] = "...";
	const size_t room = sizeof detail - sizeof cut;
	size_t at = append(detail, room, 0, base);
	for (size_t i = 1; i < stack->depth && at < room; i++) at = append(detail, room, append(detail, room, at, "/"), stack->frames[i].name);
	if (leaf) at = append(detail, room, append(detail, room, at, "/"), leaf);
	strcpy(detail + (at < room ? at : room), at > room ? cut : "");
	return detail;
}
