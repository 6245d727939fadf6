#include "status.h"
#include "plan.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

char *put_time(char *at)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return put_number(at, now.tv_sec * 1000000000ll + now.tv_nsec);
}

/* The name in field 2 may hold anything, even `) `. */
const char *start_time(pid_t pid, char *stat, size_t size)
{
	char path[48];
	*put_text(put_number(put_text(path, "/proc/"), pid), "/stat") = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, stat, size - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return "0";
	stat[n] = 0;
	char *field = strrchr(stat, ')');
	for (int i = 2; field && i < 22; i++)
		if ((field = strchr(field, ' ')))
			field++;
	if (!field)
		return "0";
	char *end = strchr(field, ' ');
	if (end)
		*end = 0;
	return field;
}

/* Of this run, for the line about its end: its status file goes with the run directory. */
static char began[48] = "0 0";

/* "PID STARTTIME NANOSECONDS RESTARTS\n" */
void write_status(const struct plan *plan, pid_t init, unsigned restarts)
{
	char stat[512], line[640];
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_STATUS_FILE, &r))
		return;
	char *end = put_number(line, init);
	*end++ = ' ';
	end = put_text(end, start_time(init, stat, sizeof stat));
	*end++ = ' ';
	char *times = end;
	end = put_time(end);
	*end++ = ' ';
	end = put_number(end, restarts);
	*end = 0;
	put_text(began, times);
	*put_text(end, "\n") = 0;
	if (write_file(arg(&r, 0), line) < 0)
		fail_text("the container runs, but its status file could not be written");
}

/* Somebody waits for the end of a container that leaves nothing behind, made this file, and reads it although it is removed. */
static void tell_waiting(const struct plan *plan, const char *line)
{
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_WAIT_FILE, &r))
		return;
	int fd = open(arg(&r, 0), O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || write_all(fd, line, strlen(line)) < 0)
		fail_text("the exit status of the container could not be told to who waits for it");
	if (fd >= 0)
		close(fd);
}

/* "CODE SIGNAL NANOSECONDS STARTED RESTARTS WORD...\n" */
void write_exit(const struct plan *plan, int status, const char *words)
{
	char line[128];
	struct record r;
	char *end = put_number(line, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	*end++ = ' ';
	end = put_number(end, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	*end++ = ' ';
	end = put_time(end);
	*end++ = ' ';
	*put_text(put_text(put_text(end, began), words), "\n") = 0;
	tell_waiting(plan, line);
	if (!plan_find(plan, PHASE_MONITOR, OP_EXIT_FILE, &r))
		return;
	if (write_file(arg(&r, 0), line) < 0)
		fail_text("the exit status of the container could not be kept");
}

void remove_exit(const struct plan *plan)
{
	struct record r;
	if (plan_find(plan, PHASE_MONITOR, OP_EXIT_FILE, &r) && unlink(arg(&r, 0)) < 0 && errno != ENOENT)
		fail_text("the exit status of a former run could not be removed");
}
