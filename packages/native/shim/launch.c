#include "launch.h"
#include "handshake.h"
#include "plan.h"
#include "stage.h"
#include "streams.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int fork_stage(char *const *cgroups, const struct streams *streams, int new_network)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close(pair[0]);
		if (streams_take(streams) < 0)
			_exit(1);
		stage(pair[1], new_network, cgroups);
	}
	close(pair[1]);
	return pair[0];
}

int start_stage(const struct plan *plan, const struct streams *streams)
{
	struct record r = { 0 };
	unsigned count = 0;
	while (plan_next(plan, PHASE_MONITOR, &r))
		count += r.op == OP_CGROUP;
	char *cgroups[count + 1];
	count = 0;
	r.next = NULL;
	while (plan_next(plan, PHASE_MONITOR, &r))
		/* One with a second argument is there only if an `update` or a `pause` made it since the first start. */
		if (r.op == OP_CGROUP && (r.argc < 2 || access(arg(&r, 0), F_OK) == 0))
			cgroups[count++] = (char *)arg(&r, 0);
	cgroups[count] = NULL;
	return fork_stage(cgroups, streams, 0);
}

int send_plan(int socket, int plan_fd, int netns)
{
	struct message go = { .kind = MSG_GO };
	struct iovec iov = { &go, sizeof go };
	int fds[2] = { plan_fd, netns }, count = netns < 0 ? 1 : 2;
	union {
		char bytes[CMSG_SPACE(sizeof fds)];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes };
	msg.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int handshake(int socket, pid_t *init, int *master, struct message *last)
{
	int fds[2], size;
	memset(last, 0, sizeof *last);
	send_go(socket);
	while ((size = receive_message(socket, last, sizeof *last, fds)) > 0) {
		last->detail[sizeof last->detail - 1] = 0;
		switch ((enum message_kind)last->kind) {
		case MSG_INIT_PID: *init = last->value; break;
		case MSG_TERMINAL: *master = fds[0]; break;
		case MSG_FAILURE: return 0;
		case MSG_TEST_STOP: raise(SIGKILL); break;
		case MSG_NETNS: break; /* rt's, and read by it */
		case MSG_GO:
		case MSG_HOLD: break; /* ours, and what rt says to a monitor in the background */
		case MSG_SIGNAL:
		case MSG_ENDED: break; /* of an entered program, later */
		}
	}
	if (size == 0 && *init > 0)
		return 1;
	*last = (struct message){ .kind = MSG_FAILURE, .value = STEP_STAGE, .error = size < 0 ? errno : ECHILD };
	return 0;
}
