#include "handshake.h"
#include "sandbox.h"
#include "util.h"
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

/* The size of the caller's terminal, before the program can ask for its own. */
static void take_size(int slave)
{
	struct winsize size;
	for (int fd = 0; fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
			ioctl(slave, TIOCSWINSZ, &size); /* without it the program sees 0 x 0, as on a serial line */
			return;
		}
}

static int bind_console(struct sandbox *s, int slave)
{
	char path[32];
	if (make_file(s, "/dev/console") < 0)
		return -1;
	int console = open_inside(s, "/dev/console", O_PATH);
	if (console < 0)
		return -1;
	char target[32];
	*put_number(put_text(path, "/proc/self/fd/"), slave) = 0;
	*put_number(put_text(target, "/proc/self/fd/"), console) = 0;
	if (mount(path, target, NULL, MS_BIND, NULL) < 0)
		return -1;
	return close(console);
}

/* The terminal comes from the container's own devpts, so that its name (/dev/pts/0) means something inside. */
int do_terminal(struct sandbox *s, const struct record *r)
{
	(void)r;
	int unlock = 0;
	s->detail = "/dev/pts/ptmx";
	int master = open_inside(s, s->detail, O_RDWR | O_NOCTTY);
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -1;
	/* By descriptor: a path into the container could have been replaced. */
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -1;
	take_size(slave);
	/* /dev/console is the terminal of the container's first program, not of those that come later. */
	if ((!s->entered && bind_console(s, slave) < 0) || ioctl(slave, TIOCSCTTY, 0) < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(slave, fd) < 0)
			return -1;
	s->has_terminal = 1;
	struct message message = { .kind = MSG_TERMINAL };
	if (send_message(s->socket, &message, master) < 0 || close(slave) < 0)
		return -1;
	return close(master);
}
