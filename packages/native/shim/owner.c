#include "owner.h"
#include "become.h"
#include "handshake.h"
#include "util.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where nobody is left to read it there is nothing more to do about it: that it is gone is seen elsewhere. */
static void tell(int owner, const char *text, const char *end) { send(owner, text, (size_t)(end - text), MSG_NOSIGNAL); }

static void tell_number(int owner, char what, int number)
{
	char line[32] = { what, ' ' }, *end = put_number(line + 2, number);
	*end++ = '\n';
	if (owner >= 0)
		tell(owner, line, end);
}

void owner_started(int owner, int pid) { tell_number(owner, 'P', pid); }
void owner_ended(int owner, int status) { tell_number(owner, 'E', status); }

void owner_failed(int owner, const struct message *failure)
{
	char line[sizeof failure->detail + 40] = "F ", *end = put_number(line + 2, failure->value);
	if (owner < 0)
		return;
	*end++ = ' ';
	end = put_number(end, failure->error);
	*end++ = ' ';
	size_t length = strnlen(failure->detail, sizeof failure->detail);
	memcpy(end, failure->detail, length);
	tell(owner, line, end + length);
	_exit(EXIT_RT);
}

int owner_is_gone(int owner)
{
	char word[64];
	ssize_t n = recv(owner, word, sizeof word, MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}
