#include "handshake.h"
#include "sandbox.h"
#include "util.h"
#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The container's processes do not outlive their monitor: kill -9 of it ends the pid namespace. A program that was entered is none of
 * its caller's: it goes on without, as in Docker, and ends with the container.
 */
int die_with_monitor(const struct sandbox *s)
{
	struct pollfd peer = { .fd = s->socket };
	if (s->entered)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -1;
	/* It may have died before the kernel was told. */
	if (poll(&peer, 1, 0) < 0)
		return -1;
	if (peer.revents & POLLHUP)
		_exit(137);
	return 0;
}

/* nofile soft, nofile hard */
int do_reset(struct sandbox *s, const struct record *r)
{
	struct rlimit nofile = { arg_number(r, 0), arg_number(r, 1) };
	static const struct { uint64_t handler, flags, restorer, mask; } to_default;
	sigset_t none;
	s->detail = "signals and limits";
	sigemptyset(&none);
	/* By system call: libc keeps 32 to 34 for itself, and the caller's libc may have left them ignored. */
	for (int n = 1; n <= 64; n++)
		if (n != SIGKILL && n != SIGSTOP && syscall(SYS_rt_sigaction, n, &to_default, NULL, 8) < 0)
			return -1;
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return -1;
	umask(022);
	/* The caller's session keyring holds the caller's keys. A kernel without keyrings has nothing to hide. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM)
		return -1;
	return setrlimit(RLIMIT_NOFILE, &nofile);
}

/* MSG_GO. By read, which every profile allows that lets a program be executed. */
static void wait_for_monitor(struct sandbox *s)
{
	struct message go;
	ssize_t size = 1;
	while (!s->may_go && (size = read(s->socket, &go, sizeof go)) < 0 && errno == EINTR)
		;
	if (size == 0 || (size < 0 && errno == ECONNRESET))
		_exit(137); /* it was killed before it was there */
	s->may_go = 1;
}

int do_seccomp(struct sandbox *s, const struct record *r)
{
	size_t size;
	struct sock_fprog program;
	/* With no_new_privs the filter comes last, so that its profile need know of nothing that is done here. */
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		wait_for_monitor(s);
	program.filter = (struct sock_filter *)arg_bytes(r, 0, &size);
	program.len = (unsigned short)(size / sizeof(struct sock_filter));
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int do_chdir(struct sandbox *s, const struct record *r)
{
	char here[PATH_MAX];
	const char *path = s->detail = arg(r, 0);
	/* In a container that runs already a missing one is a mistake: it would be made among files that are in use. */
	if (chdir(path) < 0 && (errno != ENOENT || s->entered || make_directories(s, path, 0755) < 0 || chdir(path) < 0))
		return -1;
	/* A path through a leaked descriptor (/proc/self/fd/7) leads out of the root, and the kernel then says so (CVE-2024-21626). */
	if (syscall(SYS_getcwd, here, sizeof here) < 0)
		return -1;
	if (*here != '/') {
		errno = EXDEV;
		return -1;
	}
	return 0;
}

static const char *search_path(char *const *env)
{
	for (; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* As execvpe(3), which goes on to /bin/sh for a file without a magic number: that would be an answer nobody asked for. */
static int execute(char *const *argv, char *const *env)
{
	char candidate[PATH_MAX];
	int denied = 0;
	if (strchr(argv[0], '/'))
		return execve(argv[0], argv, env);
	size_t name = strlen(argv[0]);
	for (const char *at = search_path(env), *end; *argv[0]; at = end + 1) {
		end = strchr(at, ':');
		size_t length = end ? (size_t)(end - at) : strlen(at);
		if (length + name + 2 <= sizeof candidate) {
			memcpy(candidate, at, length);
			char *to = candidate + length;
			if (length)
				*to++ = '/';
			strcpy(to, argv[0]);
			execve(candidate, argv, env);
			if (errno == EACCES)
				denied = 1;
			else if (errno != ENOENT && errno != ENOTDIR)
				return -1;
		}
		if (!end)
			break;
	}
	errno = denied ? EACCES : ENOENT;
	return -1;
}

/* count of arguments, arguments, environment */
int do_exec(struct sandbox *s, const struct record *r)
{
	unsigned argc = (unsigned)arg_number(r, 0);
	if (argc == 0 || argc >= r->argc) {
		errno = EPROTO;
		return -1;
	}
	unsigned envc = r->argc - 1 - argc;
	char *argv[argc + 1], *env[envc + 2], home[sizeof s->home + 5];
	arg_vector(r, 1, argc, argv);
	arg_vector(r, 1 + argc, envc, env);
	int has_home = 0;
	for (unsigned i = 0; i < envc; i++)
		has_home |= strncmp(env[i], "HOME=", 5) == 0;
	if (!has_home) {
		*put_text(put_text(home, "HOME="), *s->home ? s->home : "/") = 0;
		env[envc] = home;
		env[envc + 1] = NULL;
	}
	s->detail = argv[0];
	wait_for_monitor(s);
	return execute(argv, env);
}
