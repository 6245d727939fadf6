/* rt-shim: see README.md. All its ways to be called are rt's own. */
#include "background.h"
#include "client.h"
#include "exec_keeper.h"
#include "exec_monitor.h"
#include "host.h"
#include "monitor.h"
#include "plan.h"
#include "rebind.h"
#include "stage.h"
#include "tool.h"
#include "util.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Performs host steps for a rt that lives on; says on its standard output which of them failed. */
static int perform_all(int fd)
{
	struct plan plan;
	struct record r = { 0 };
	const char *detail;
	if (plan_open(&plan, fd) < 0) {
		fail_text("the plan is damaged or of another version of rt");
		return 125;
	}
	for (int index = 0; plan_next(&plan, PHASE_HOST, &r); index++) {
		if (perform_host(&r, &detail) == 0)
			continue;
		int error = errno;
		char line[512], *end = put_number(line, index);
		size_t length = strnlen(detail, 400);
		*end++ = ' ';
		end = put_number(end, error);
		*end++ = ' ';
		memcpy(end, detail, length);
		return write_all(1, line, (size_t)(end - line) + length) < 0 ? 125 : 1;
	}
	return 0;
}

/* The pidfd is descriptor 3. Says the errno on its standard output. */
static int rebind_file(char **argv)
{
	char text[16];
	if (rebind(3, (pid_t)parse_number(argv[2]), argv[3], argv[4]) == 0)
		return 0;
	char *end = put_number(text, errno);
	return write_all(1, text, (size_t)(end - text)) < 0 ? 125 : 1;
}

int main(int argc, char **argv)
{
	/* Its socket, `net` for a network namespace of its own, the cgroups to join. */
	if (argc >= 4 && strcmp(argv[1], "stage") == 0)
		stage((int)parse_number(argv[2]), strcmp(argv[3], "net") == 0, argv + 4);
	if (argc >= 4 && strcmp(argv[1], "sealed") == 0)
		sealed_stage((int)parse_number(argv[2]), strcmp(argv[3], "net") == 0, argv + 4);
	if (argc >= 3 && strcmp(argv[1], "enter") == 0)
		exec_keeper((int)parse_number(argv[2]), argv + 3);
	if (argc == 3 && strcmp(argv[1], "perform") == 0)
		return perform_all((int)parse_number(argv[2]));
	if (argc == 5 && strcmp(argv[1], "rebind") == 0)
		return rebind_file(argv);
	if (argc >= 4 && strcmp(argv[1], "background") == 0)
		background((int)parse_number(argv[2]), argv[3], argv + 4);
	if ((argc == 7 || argc == 8) && strcmp(argv[1], "client") == 0)
		client((int)parse_number(argv[2]), (int)parse_number(argv[3]), (int)parse_number(argv[4]), argv[5], argv[6],
		       argc == 8 ? (int)parse_number(argv[7]) : -1);
	if (argc == 5 && strcmp(argv[1], "attach") == 0)
		attach(argv[2], argv[3], argv[4]);
	if (argc == 4 && strcmp(argv[1], "monitor") == 0)
		monitor((int)parse_number(argv[2]), (int)parse_number(argv[3]));
	if ((argc == 4 || argc == 5) && strcmp(argv[1], "exec") == 0)
		exec_monitor((int)parse_number(argv[2]), (int)parse_number(argv[3]), argc == 5 ? (int)parse_number(argv[4]) : -1);
	if (argc >= 4 && strcmp(argv[1], "tool") == 0)
		tool((pid_t)parse_number(argv[2]), argv + 3);
	/* In the place of a program that cleans up: who started the container, or the next rt, does. */
	if (argc >= 2 && strcmp(argv[1], "later") == 0)
		return 0;
	/* A container's program that does nothing, so that the container can be looked at; it needs nothing of the image. */
	if (argc == 2 && strcmp(argv[1], "pause") == 0)
		for (;;)
			pause();
	fail_text("rt-shim is a part of rt and is not called by hand");
	return 125;
}
