#include "host.h"
#include "lines.h"
#include "program.h"
#include "rest.h"
#include "tree.h"
#include "util.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Whether a file has this content, or a symlink leads there. */
static int holds(const char *path, const char *wanted)
{
	char found[256];
	ssize_t n = readlink(path, found, sizeof found);
	if (n < 0) {
		int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			return 0;
		n = read(fd, found, sizeof found);
		if (close(fd) < 0)
			return 0;
	}
	return n >= 0 && (size_t)n == strlen(wanted) && memcmp(found, wanted, (size_t)n) == 0;
}

static int gone(int result) { return result < 0 && errno != ENOENT ? -1 : 0; }

/*
 * Groups that the container has made in its own, where it may (--privileged): the kernel removes none that has another in it. `path` has
 * room for PATH_MAX. What cannot be removed now makes the removal of the outermost fail, which tries again.
 */
static void remove_nested(char *path)
{
	char entries[1024], *end = path + strlen(path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long size;
	while (fd >= 0 && (size = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0)
		for (long at = 0; at < size;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			at += entry->d_reclen;
			if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || (end - path) + strlen(entry->d_name) + 2 > PATH_MAX)
				continue;
			*put_text(put_text(end, "/"), entry->d_name) = 0;
			if (rmdir(path) < 0 && errno == EBUSY)
				remove_nested(path);
			*end = 0;
		}
	if ((fd >= 0 && close(fd) < 0) || rmdir(path) < 0)
		errno = 0;
}

/*
 * The pid namespace has ended and its processes are reaped, but the kernel takes the last of them out of the cgroup a moment later.
 * cgroup v1 has no event for that: asked again, for a second at the most.
 */
static int remove_cgroup(const char *path)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };
	char nested[PATH_MAX];
	for (int tries = 0;; tries++) {
		if (gone(rmdir(path)) == 0)
			return 0;
		if (errno != EBUSY || tries == 1000)
			return -1;
		if (strlen(path) < sizeof nested) {
			*put_text(nested, path) = 0;
			remove_nested(nested);
		}
		if (nanosleep(&millisecond, NULL) < 0 && errno != EINTR)
			return -1;
	}
}

static int remove_directory(const char *path, int full_stays)
{
	int result = rmdir(path);
	return result < 0 && full_stays && (errno == ENOTEMPTY || errno == EEXIST) ? 0 : gone(result);
}

int perform_host(const struct record *r, const char **detail)
{
	*detail = arg(r, 0);
	switch ((enum opcode)r->op) {
	case OP_FILE_REMOVE: return r->argc > 1 && !holds(arg(r, 0), arg(r, 1)) ? 0 : gone(unlink(arg(r, 0)));
	case OP_DIR_REMOVE: return remove_directory(arg(r, 0), r->argc > 1);
	case OP_TREE_REMOVE: return r->argc > 1 && access(arg(r, 1), F_OK) == 0 ? 0 : tree_remove(arg(r, 0), detail);
	case OP_TREE_COPY: return tree_copy(arg(r, 0), arg(r, 1), r->argc > 2, detail);
	case OP_CGROUP_KILL: return kill_cgroup(arg(r, 0));
	case OP_CGROUP_REMOVE: return remove_cgroup(arg(r, 0));
	case OP_LINES_REMOVE: return lines_remove(arg(r, 0), arg(r, 1), arg(r, 2));
	case OP_PROGRAM: return run_program(r, detail);
	default: errno = ENOSYS; return -1;
	}
}

static void complain(const struct record *r, const char *detail, int error)
{
	char line[512], *end = put_text(line, r->op == OP_PROGRAM ? "rt: warning: failed while cleaning up: " : "rt: warning: could not remove ");
	size_t length = strnlen(detail, 256);
	memcpy(end, detail, length);
	end = put_text(end + length, ": errno ");
	end = put_number(end, error);
	*end++ = '\n';
	if (write_all(2, line, (size_t)(end - line)) < 0)
		return; /* the next rt finds what is left */
}

int leave(const struct plan *plan)
{
	struct record r = { 0 };
	int failed = 0;
	const char *detail;
	while (plan_next(plan, PHASE_HOST, &r)) {
		if (perform_host(&r, &detail) == 0)
			continue;
		complain(&r, detail, errno);
		failed++;
	}
	return failed;
}

int leave_is_beyond(const struct plan *plan, struct record *program)
{
	struct record changed;
	if (plan_find(plan, PHASE_MONITOR, OP_LEAVE_CHANGED, &changed) && access(arg(&changed, 0), F_OK) < 0)
		return 0;
	return plan_find(plan, PHASE_MONITOR, OP_ON_LEAVE, program);
}
