#include "lock.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef F_OFD_SETLKW
#define F_OFD_SETLKW 38
#endif

/* While we waited the holder may have removed the file, and a lock on an unlinked file excludes nobody. */
int take_lock(const char *path)
{
	for (;;) {
		struct flock whole = { .l_type = F_WRLCK };
		struct stat ours, named;
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return -1;
		while (fcntl(fd, F_OFD_SETLKW, &whole) < 0)
			if (errno != EINTR)
				goto failed;
		if (fstat(fd, &ours) < 0)
			goto failed;
		if (stat(path, &named) == 0 && named.st_ino == ours.st_ino && named.st_dev == ours.st_dev)
			return fd;
		if (close(fd) < 0)
			return -1;
		continue;
	failed:;
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
}
