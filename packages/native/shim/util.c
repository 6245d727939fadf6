#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int write_all(int fd, const void *data, size_t size)
{
	const char *at = data;
	while (size > 0) {
		ssize_t n = write(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static int write_and_close(int fd, const char *text)
{
	int failed = write_all(fd, text, strlen(text)), error = errno;
	if (close(fd) < 0 && !failed)
		return -1;
	errno = error;
	return failed;
}

int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -1 : write_and_close(fd, text);
}

int write_file(const char *path, const char *text)
{
	char draft[PATH_MAX];
	if (strlen(path) + 5 > sizeof draft) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*put_text(put_text(draft, path), ".new") = 0;
	int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write_and_close(fd, text) < 0)
		return -1;
	return rename(draft, path);
}

char *put_text(char *at, const char *text)
{
	size_t n = strlen(text);
	memcpy(at, text, n);
	return at + n;
}

char *put_number(char *at, long long number)
{
	char digits[24], *d = digits;
	unsigned long long n = number < 0 ? 0ull - (unsigned long long)number : (unsigned long long)number;
	if (number < 0)
		*at++ = '-';
	do
		*d++ = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (d > digits)
		*at++ = *--d;
	return at;
}

unsigned long long parse_number(const char *text)
{
	unsigned long long n = 0;
	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (unsigned)(*text - '0');
	return n;
}

void fail_text(const char *text)
{
	char line[256];
	char *end = put_text(put_text(line, "rt: "), text);
	*end++ = '\n';
	if (write_all(2, line, (size_t)(end - line)) < 0)
		return; /* nobody is left to be told */
}

void give_back(void *buffer, size_t size)
{
	/* Whole pages only: what shares the first and the last one stays. */
	uintptr_t start = ((uintptr_t)buffer + 4095) & ~(uintptr_t)4095, end = ((uintptr_t)buffer + size) & ~(uintptr_t)4095;
	if (end > start && madvise((void *)start, end - start, MADV_DONTNEED) < 0)
		return; /* the memory is kept, and nothing else */
}

void give_back_stack(void)
{
	char here;
	/* One page stays for what is called from here. */
	enum { DEEPEST = 64 << 10, CALLED = 4096 };
	give_back((char *)((uintptr_t)&here - CALLED - DEEPEST), DEEPEST);
}
