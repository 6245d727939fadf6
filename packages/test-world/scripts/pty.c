/*
 * A terminal for tests: runs a program on a new pty, joins it to stdin and stdout, and takes the window's size
 * as "ROWS COLS\n" on descriptor 4. Ends as the program ended, by its code or by its signal.
 *
 * Usage: pty ROWS COLS PROGRAM [ARGUMENT...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CONTROL 4

static void die(const char *what) {
  perror(what);
  _exit(120);
}

/* -1: nothing more comes from there; 0: nothing now; 1: moved some. */
static int move(int from, int to) {
  char buffer[4096];
  ssize_t n = read(from, buffer, sizeof buffer);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
  if (n == 0) return -1;
  for (ssize_t done = 0; done < n;) {
    ssize_t written = write(to, buffer + done, n - done);
    if (written < 0 && errno == EAGAIN) {
      poll(&(struct pollfd){.fd = to, .events = POLLOUT}, 1, -1);
      continue;
    }
    if (written < 0) return -1;
    done += written;
  }
  return 1;
}

static void resize(int master, const char *text) {
  struct winsize size = {0};
  if (sscanf(text, "%hu %hu", &size.ws_row, &size.ws_col) != 2 || ioctl(master, TIOCSWINSZ, &size) < 0) die("resize");
}

int main(int argc, char **argv) {
  if (argc < 4) return 120;
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) die("pty");
  struct winsize size = {.ws_row = atoi(argv[1]), .ws_col = atoi(argv[2])};
  const char *name = ptsname(master);
  int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) die(name);
  if (ioctl(slave, TIOCSWINSZ, &size) < 0) die("size");

  sigset_t chld, before;
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  sigprocmask(SIG_BLOCK, &chld, &before);
  int ended = signalfd(-1, &chld, SFD_CLOEXEC);

  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(CONTROL);
    if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0) die("setsid");
    for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
    execvp(argv[3], argv + 3);
    die(argv[3]);
  }
  close(slave);
  fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);

  struct pollfd fds[] = {{0, POLLIN, 0}, {master, POLLIN, 0}, {CONTROL, POLLIN, 0}, {ended, POLLIN, 0}};
  for (;;) {
    if (poll(fds, 4, -1) < 0) die("poll");
    if (fds[0].revents && move(0, master) < 0) fds[0].fd = -1;
    if (fds[1].revents && move(master, 1) < 0) fds[1].fd = -1;
    if (fds[2].revents) {
      char text[64];
      ssize_t n = read(CONTROL, text, sizeof text - 1);
      if (n <= 0) fds[2].fd = -1;
      else {
        text[n] = 0;
        resize(master, text);
      }
    }
    if (fds[3].revents) {
      struct signalfd_siginfo info;
      if (read(ended, &info, sizeof info) < 0) die("signalfd");
      int status;
      pid_t gone = waitpid(child, &status, WNOHANG);
      if (gone < 0) die("wait");
      if (gone == 0) continue; /* stopped or continued */
      while (move(master, 1) > 0)
        ;
      if (WIFEXITED(status)) return WEXITSTATUS(status);
      signal(WTERMSIG(status), SIG_DFL);
      raise(WTERMSIG(status));
      return 128 + WTERMSIG(status);
    }
  }
}
