/* Installs the filter in FILE and makes the system calls ABI:NUMBER:ARG0:ARG1:ARG2; prints one errno per line.
   Usage: try-calls no_new_privs|root|unfiltered FILE CALL...   A call "cpu" installs nothing more and just prints 0. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  static struct sock_filter code[4096];
  int fd = open(argv[2], O_RDONLY);
  ssize_t size = read(fd, code, sizeof code);
  if (argc < 3 || fd < 0 || size <= 0) return 2;
  close(fd);
  if (!strcmp(argv[1], "no_new_privs") && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return 3;
  struct sock_fprog program = {(unsigned short)(size / sizeof *code), code};
  if (strcmp(argv[1], "unfiltered") && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
    perror("seccomp");
    return 4;
  }
  for (int i = 3; i < argc; i++) {
    char abi[8];
    unsigned long n = 0, a = 0, b = 0, c = 0;
    if (sscanf(argv[i], "%7[^:]:%lu:%lu:%lu:%lu", abi, &n, &a, &b, &c) < 2) return 5;
    long result;
    if (!strcmp(abi, "i386")) {
#ifdef __x86_64__
      __asm__ volatile("int $0x80" : "=a"(result) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
      result = (int)result;
#else
      return 6;
#endif
    } else {
      result = syscall((long)n, a, b, c, 0, 0, 0);
      if (result < 0) result = -errno;
    }
    printf("%ld\n", result < 0 ? -result : 0);
    fflush(stdout);
  }
  return 0;
}
