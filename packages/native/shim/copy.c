/*
 * CVE-2019-5736: a process of the container can reach the file that another one was executed from, by /proc/PID/exe, or by having
 * /proc/self/exe executed in place of a program; it then waits until nobody runs the file any more and writes to it, and root on the host
 * executes what it wrote. Whatever runs inside a container (the process that enters one, the one that stays with --init) is therefore
 * executed from a sealed copy in memory, which nobody can write to, nor make shorter, nor unseal. The program on disk is never
 * executed in a container's namespaces.
 *
 * The copy gets no environment: /proc/PID/environ would show the caller's to the container.
 */
#include "copy.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

static int memory_file(void)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = (int)syscall(SYS_memfd_create, "rt-shim", flags | MFD_EXEC);
	return fd < 0 && errno == EINVAL ? (int)syscall(SYS_memfd_create, "rt-shim", flags) : fd; /* before Linux 6.3 */
}

static int sealed_copy(void)
{
	struct stat st;
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), copy = memory_file();
	if (self < 0 || copy < 0 || fstat(self, &st) < 0)
		return -1;
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(copy, self, NULL, (size_t)left);
		if (n <= 0)
			return -1;
		left -= n;
	}
	if (fchmod(copy, 0555) < 0 || fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -1;
	return close(self) < 0 ? -1 : copy;
}

void run_copy(int socket, int new_network, char *const *cgroups)
{
	char number[16], *none[] = { NULL };
	unsigned count = 0;
	int copy = sealed_copy();
	while (cgroups[count])
		count++;
	char *argv[count + 5];
	argv[0] = "rt-shim";
	argv[1] = "sealed";
	argv[2] = number;
	argv[3] = new_network ? "net" : "-";
	for (unsigned i = 0; i <= count; i++)
		argv[4 + i] = cgroups[i];
	*put_number(number, socket) = 0;
	if (copy < 0 || fcntl(socket, F_SETFD, 0) < 0)
		return;
	syscall(SYS_execveat, copy, "", argv, none, AT_EMPTY_PATH);
}
