/*
 * Preloaded: kills the process with SIGKILL before the RT_KILL_AT-th thing that it does to files below RT_KILL_BELOW: making, renaming, linking,
 * removing or writing one. So a test can be there at every step of something that must bear to be killed at any.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void step(const char *path) {
	static int left = -1;
	const char *below = getenv("RT_KILL_BELOW"), *at = getenv("RT_KILL_AT");
	if (!below || !at || strncmp(path, below, strlen(below)) != 0)
		return;
	if (left == -1)
		left = atoi(at);
	if (--left == 0)
		kill(getpid(), SIGKILL);
}

static void step_fd(int fd) {
	char name[40], path[4096];
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(name, path, sizeof path - 1);
	if (length > 0) {
		path[length] = 0;
		step(path);
	}
}

#define NEXT(name) \
	static __typeof__(&name) next; \
	if (!next) \
		next = (__typeof__(next))dlsym(RTLD_NEXT, #name)

#define ONE_PATH(name) \
	int name(const char *path) { \
		NEXT(name); \
		step(path); \
		return next(path); \
	}
ONE_PATH(unlink)
ONE_PATH(rmdir)

#define TWO_PATHS(name) \
	int name(const char *from, const char *to) { \
		NEXT(name); \
		step(to); \
		return next(from, to); \
	}
TWO_PATHS(rename)
TWO_PATHS(link)

int mkdir(const char *path, mode_t mode) {
	NEXT(mkdir);
	if (access(path, F_OK) != 0)
		step(path);
	return next(path, mode);
}

int unlinkat(int directory, const char *path, int flags) {
	NEXT(unlinkat);
	directory == AT_FDCWD ? step(path) : step_fd(directory);
	return next(directory, path, flags);
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) { \
		NEXT(name); \
		va_list rest; \
		va_start(rest, flags); \
		mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
		va_end(rest); \
		if (flags & O_CREAT && access(path, F_OK) != 0) \
			step(path); \
		return next(path, flags, mode); \
	}
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *data, size_t size) {
	NEXT(write);
	step_fd(fd);
	return next(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *data, int count) {
	NEXT(writev);
	step_fd(fd);
	return next(fd, data, count);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
	NEXT(pwrite64);
	step_fd(fd);
	return next(fd, data, size, at);
}
