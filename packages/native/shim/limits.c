#include "sandbox.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PROC_SUPER_MAGIC 0x9fa0

/* number of the resource, soft, hard, name */
int do_rlimit(struct sandbox *s, const struct record *r)
{
	struct rlimit limit = { arg_number(r, 1), arg_number(r, 2) };
	s->detail = arg(r, 3);
	return setrlimit((int)arg_number(r, 0), &limit);
}

/* Closes fd. What lies at /proc may be a file system that the image or a user brought: it must be the kernel's (CVE-2019-16884). */
static int write_to_proc(int fd, const char *text)
{
	struct statfs where;
	int failed = -1, error = EXDEV;
	if (fd < 0)
		return -1;
	if (fstatfs(fd, &where) == 0 && where.f_type == PROC_SUPER_MAGIC) {
		failed = write_all(fd, text, strlen(text));
		error = errno;
	}
	if (close(fd) < 0 && !failed)
		return -1;
	errno = error;
	return failed;
}

int do_oom_score_adj(struct sandbox *s, const struct record *r)
{
	s->detail = arg(r, 0);
	return write_to_proc(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC), arg(r, 0));
}

/* path below /proc/sys, value */
int do_sysctl(struct sandbox *s, const struct record *r)
{
	s->detail = arg(r, 0);
	return write_to_proc(open_inside(s, arg(r, 0), O_WRONLY), arg(r, 1));
}
