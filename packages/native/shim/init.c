#include "init.h"
#include "handshake.h"
#include "plan.h"
#include "sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int do_unshare(struct sandbox *s, const struct record *r)
{
	(void)s;
	return unshare((int)arg_number(r, 0));
}

static int do_hostname(struct sandbox *s, const struct record *r)
{
	(void)s;
	return sethostname(arg(r, 0), strlen(arg(r, 0)));
}

static int do_no_new_privs(struct sandbox *s, const struct record *r)
{
	(void)s, (void)r;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* A test wants to know what is left when the monitor is killed here. */
static int do_test_stop(struct sandbox *s, const struct record *r)
{
	(void)r;
	struct message stop = { .kind = MSG_TEST_STOP };
	if (send_message(s->socket, &stop, -1) < 0)
		return -1;
	for (;;)
		pause();
}

static int perform(struct sandbox *s, const struct record *r)
{
	switch ((enum opcode)r->op) {
	case OP_UNSHARE: return do_unshare(s, r);
	case OP_MOUNT: return do_mount(s, r);
	case OP_ROOT_SET: return do_root_set(s, r);
	case OP_MOUNTED_MKDIR: return do_mounted_mkdir(s, r);
	case OP_MKDIR: return do_mkdir(s, r);
	case OP_SYMLINK: return do_symlink(s, r);
	case OP_MKNOD: return do_mknod(s, r);
	case OP_MASK: return do_mask(s, r);
	case OP_READONLY: return do_readonly(s, r);
	case OP_ROOT_ENTER: return do_root_enter(s, r);
	case OP_ROOT_READONLY: return do_root_readonly(s, r);
	case OP_HOSTNAME: return do_hostname(s, r);
	case OP_TERMINAL: return do_terminal(s, r);
	case OP_RESET: return do_reset(s, r);
	case OP_CAPABILITIES: return do_capabilities(s, r);
	case OP_USER: return do_user(s, r);
	case OP_GROUPS: return do_groups(s, r);
	case OP_NO_NEW_PRIVS: return do_no_new_privs(s, r);
	case OP_SECCOMP: return do_seccomp(s, r);
	case OP_CHDIR: return do_chdir(s, r);
	case OP_EXEC: return do_exec(s, r);
	case OP_RLIMIT: return do_rlimit(s, r);
	case OP_OOM_SCORE_ADJ: return do_oom_score_adj(s, r);
	case OP_SYSCTL: return do_sysctl(s, r);
	case OP_INIT: return do_init(s, r);
	case OP_MOUNT_KEEP: return do_mount_keep(s, r);
	case OP_FILL: return do_fill(s, r);
	case OP_TEST_STOP: return do_test_stop(s, r);
	default: errno = ENOSYS; return -1;
	}
}

/* Descriptors of rt's must not reach the container: CVE-2024-21626 was one that did. */
int keep_only(int socket)
{
	if (fcntl(socket, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	unsigned above = (unsigned)socket + 1;
	if ((socket == 3 || syscall(SYS_close_range, 3u, above - 2, 0u) == 0) && syscall(SYS_close_range, above, ~0u, 0u) == 0)
		return 0;
	for (int fd = 3; fd < 1024; fd++) /* before Linux 5.9 */
		if (fd != socket && close(fd) < 0 && errno != EBADF)
			return -1;
	return 0;
}

/* Descriptors 0 to `last`. */
static int to_null(int last)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -1;
	for (int fd = 0; fd <= last; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	return close(null);
}

_Noreturn void init(const struct plan *plan, int socket)
{
	struct sandbox s = { .root = -1, .socket = socket, .plan = plan };
	struct record r;
	s.entered = plan_find(plan, PHASE_MONITOR, OP_ENTER, &r);
	struct message failure = { .kind = MSG_FAILURE, .value = STEP_STAGE };

	if (keep_only(socket) < 0 || die_with_monitor(&s) < 0 || setsid() < 0)
		goto failed;
	if (s.entered && (s.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		goto failed;
	if (plan_find(plan, PHASE_MONITOR, OP_STDIN_NULL, &r) && to_null(0) < 0)
		goto failed;
	/* Nobody listens to a program in the background; its terminal, where it has one, comes later. */
	if (s.entered && plan_find(plan, PHASE_MONITOR, OP_DETACH, &r) && to_null(2) < 0)
		goto failed;
	r.next = NULL;
	for (failure.value = 0; plan_next(plan, PHASE_SANDBOX, &r); failure.value++) {
		s.detail = "";
		if (perform(&s, &r) < 0)
			goto failed;
	}
	failure.value = STEP_STAGE;
	errno = ENOEXEC; /* a plan without a program at its end */
failed:
	failure.error = errno;
	if (s.detail)
		strncpy(failure.detail, s.detail, sizeof failure.detail - 1);
	_exit(send_message(socket, &failure, -1) < 0 ? 2 : 1);
}
