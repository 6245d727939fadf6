#include "door.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64 };

/* "/run/.../door" as "/proc/self/fd/N/door". Answers the descriptor of the directory. */
static int address_of(const char *path, struct sockaddr_un *address)
{
	char directory[PATH_MAX];
	const char *name = strrchr(path, '/');
	if (!name || name == path || (size_t)(name - path) >= sizeof directory || strlen(name) > 32) {
		errno = EINVAL;
		return -1;
	}
	memcpy(directory, path, (size_t)(name - path));
	directory[name - path] = 0;
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*put_text(put_number(put_text(address->sun_path, "/proc/self/fd/"), fd), name) = 0;
	return fd;
}

static int open_socket(const char *path, int listening)
{
	struct sockaddr_un address;
	int directory = address_of(path, &address);
	if (directory < 0)
		return -1;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | (listening ? SOCK_NONBLOCK : 0), 0), failed = fd < 0;
	const struct sockaddr *to = (const struct sockaddr *)&address;
	if (!failed && listening)
		failed = bind(fd, to, sizeof address) < 0 || listen(fd, BACKLOG) < 0;
	else if (!failed)
		failed = connect(fd, to, sizeof address) < 0;
	int error = errno;
	close(directory);
	if (failed && fd >= 0)
		close(fd);
	errno = error;
	return failed ? -1 : fd;
}

int door_open(const char *path) { return open_socket(path, 1); }
int door_connect(const char *path) { return open_socket(path, 0); }
