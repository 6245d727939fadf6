#include "raw_terminal.h"
#include <signal.h>
#include <termios.h>

static struct termios before;
static volatile sig_atomic_t is_raw;

void raw_terminal_again(void)
{
	struct termios raw = before;
	if (!is_raw)
		return;
	cfmakeraw(&raw);
	/* Kept back by a terminal that is not ours to read (a background job): the kernel stops us until we are in front. */
	if (tcsetattr(0, TCSANOW, &raw) < 0)
		is_raw = 0;
}

int raw_terminal_enter(void)
{
	if (tcgetattr(0, &before) < 0)
		return -1;
	is_raw = 1;
	raw_terminal_again();
	return is_raw ? 0 : -1;
}

void raw_terminal_leave(void)
{
	if (!is_raw)
		return;
	is_raw = 0;
	/* After what was written has been shown. Where the terminal has hung up there is nothing to put back. */
	if (tcsetattr(0, TCSADRAIN, &before) < 0)
		return;
}
