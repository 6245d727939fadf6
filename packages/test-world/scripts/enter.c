/*
 * Runs a program in a world: joins its cgroups while it still sees them all, then its namespaces and its root, and starts the program in a
 * session of its own, whose pid, as the world sees it, it says on descriptor 3. Ends as the program ended, by its code or by its signal.
 *
 * Usage: enter PID NAMESPACES "CGROUP.PROCS..." DIRECTORY PROGRAM [ARGUMENT...]; NAMESPACES are flags of setns(2), as a number.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT 3

static void die(const char *what) {
  fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
  _exit(125);
}

static void join(const char *procs) {
  int fd = open(procs, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) die(procs);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc < 6) return 125;
  for (char *procs = strtok(argv[3], " "); procs; procs = strtok(NULL, " ")) join(procs);

  char path[64];
  snprintf(path, sizeof path, "/proc/%s/root", argv[1]);
  int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int init = syscall(SYS_pidfd_open, atoi(argv[1]), 0);
  if (root < 0 || init < 0) die("the world has ended");
  if (setns(init, atoi(argv[2])) < 0) die("setns");
  if (fchdir(root) < 0 || chroot(".") < 0) die("root");
  close(init);

  pid_t child = fork(); /* Only a child is in the namespace of processes. */
  if (child < 0) die("fork");
  if (child == 0) {
    if (setsid() < 0) die("setsid");
    dprintf(REPORT, "%d\n", getpid());
    close(REPORT);
    if (chdir(argv[4]) < 0) die(argv[4]);
    execvp(argv[5], argv + 5);
    fprintf(stderr, "enter: %s: %s\n", argv[5], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
  }
  /* Who waits for the end of the program's output waits for the program alone. */
  for (int fd = 0; fd <= REPORT; fd++) close(fd);
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 125;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  signal(WTERMSIG(status), SIG_DFL);
  raise(WTERMSIG(status));
  return 128 + WTERMSIG(status);
}
