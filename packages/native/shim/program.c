#include "program.h"
#include "lock.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1u
#endif

/* Arguments of the record: path, lock, what a success counts, whether a failure is none, standard input, argv... */
enum { PATH, LOCK, COUNTS, MAY_FAIL, INPUT, ARGV };

/* As src/sys/count.ts: a number in the machine's byte order; a file that is too short counts from zero. */
static int add_count(int fd, uint64_t more)
{
	uint64_t number;
	if (pread(fd, &number, sizeof number, 0) != sizeof number)
		number = 0;
	number += more;
	return pwrite(fd, &number, sizeof number, 0) == sizeof number ? 0 : -1;
}

/* In memory, and not a pipe: a program that does not read all of it, or not yet, must not hold us up. */
static int input_of(const struct record *r)
{
	size_t size;
	const void *text = arg_bytes(r, INPUT, &size);
	int fd = (int)syscall(SYS_memfd_create, "input", MFD_CLOEXEC);
	if (fd < 0 || write_all(fd, text, size) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return fd;
}

static _Noreturn void become(const struct record *r, int input, char *const *argv)
{
	static char *const env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
	sigset_t none;
	sigemptyset(&none);
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* A session of its own: a key at the caller's terminal must not end it half-way. */
	if (nowhere < 0 || setsid() < 0 || signal(SIGPIPE, SIG_DFL) == SIG_ERR)
		_exit(126);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		_exit(126);
	if (dup2(input, 0) < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0)
		_exit(126);
#ifdef SYS_close_range
	/* Ours, the container's lock too, which has no FD_CLOEXEC. Before Linux 5.9 they stay open until the program ends. */
	if (syscall(SYS_close_range, 3u, ~0u, 0u) < 0 && errno != ENOSYS)
		_exit(126);
#endif
	execve(arg(r, PATH), argv, env);
	_exit(127);
}

static int run(const struct record *r, char *const *argv)
{
	int status, input = input_of(r);
	if (input < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		become(r, input, argv);
	int error = errno;
	if (close(input) < 0 && pid < 0)
		errno = error;
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	/* What it said is for nobody to read: EIO says that it, and not the kernel, refused. */
	errno = EIO;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int run_program(const struct record *r, const char **detail)
{
	*detail = arg(r, PATH);
	if (r->argc <= ARGV) {
		errno = EPROTO;
		return -1;
	}
	char *argv[r->argc - ARGV + 1];
	arg_vector(r, ARGV, r->argc - ARGV, argv);
	int lock = -1, error = 0;
	if (*arg(r, LOCK) && (lock = take_lock(arg(r, LOCK))) < 0) {
		*detail = arg(r, LOCK);
		return -1;
	}
	if (run(r, argv) < 0)
		error = arg_number(r, MAY_FAIL) && errno == EIO ? 0 : errno;
	else if (lock >= 0 && add_count(lock, arg_number(r, COUNTS)) < 0)
		error = errno;
	if (lock >= 0 && close(lock) < 0 && !error)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}
