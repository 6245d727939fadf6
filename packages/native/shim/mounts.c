#include "sandbox.h"
#include "syscall_numbers.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* linux/mount.h cannot be included beside sys/mount.h */
enum { TREE_CLONE = 1, TREE_RECURSIVE = AT_RECURSIVE, FROM_DESCRIPTOR = 0x4, TO_DESCRIPTOR = 0x40 };
struct mount_attributes {
	uint64_t set, clear, propagation, userns_fd;
};

/* mount(2) takes paths; this one leads to exactly the object that was opened. */
static const char *fd_path(char buffer[32], int fd)
{
	*put_number(put_text(buffer, "/proc/self/fd/"), fd) = 0;
	return buffer;
}

static int mount_at(int fd, const char *source, const char *type, unsigned long flags, const char *data)
{
	char target[32];
	int result = mount(source, fd_path(target, fd), type, flags, data), error = errno;
	if (close(fd) < 0 && result == 0)
		return -1;
	errno = error;
	return result;
}

/* Flags that a remount must repeat, or it would take them away. */
static unsigned long present_flags(int fd)
{
	struct statvfs vfs;
	unsigned long flags = 0;
	if (fstatvfs(fd, &vfs) < 0)
		return 0;
	if (vfs.f_flag & ST_RDONLY) flags |= MS_RDONLY;
	if (vfs.f_flag & ST_NOSUID) flags |= MS_NOSUID;
	if (vfs.f_flag & ST_NODEV) flags |= MS_NODEV;
	if (vfs.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
	if (vfs.f_flag & ST_NOATIME) flags |= MS_NOATIME;
	if (vfs.f_flag & ST_NODIRATIME) flags |= MS_NODIRATIME;
	if (vfs.f_flag & ST_RELATIME) flags |= MS_RELATIME;
	return flags;
}

/* The first four mount attributes have the numbers of the mount flags. */
#define ATTRIBUTES (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* Gives the mount at fd further flags; `recursive`: and all mounts below it, where the kernel can (5.12). */
static int restrict_mount(int fd, unsigned long flags, int recursive)
{
	struct mount_attributes attributes = { .set = flags & ATTRIBUTES };
	if (attributes.set == flags && syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes) == 0)
		return close(fd);
	if (attributes.set == flags && errno != ENOSYS) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return mount_at(fd, NULL, NULL, MS_REMOUNT | MS_BIND | flags | present_flags(fd), NULL);
}

static int open_target(const struct sandbox *s, const char *path, int inside)
{
	return inside ? open_inside(s, path, O_PATH) : open(path, O_PATH | O_CLOEXEC);
}

/* kept, and as many mounts as lie below it: a clone has the events of the original, whatever the tree around that becomes. */
int do_mount_keep(struct sandbox *s, const struct record *r)
{
	unsigned long long index = arg_number(r, 1);
	s->detail = arg(r, 0);
	if (index >= MOST_KEPT) {
		errno = E2BIG;
		return -1;
	}
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, arg(r, 0), TREE_CLONE | O_CLOEXEC | TREE_RECURSIVE);
	return fd < 0 ? -1 : (s->kept[index] = fd, 0);
}

static int attach_kept(struct sandbox *s, unsigned long long index, int target)
{
	int kept = index < MOST_KEPT ? s->kept[index] : 0;
	if (!kept) {
		errno = EPROTO;
		return -1;
	}
	if (syscall(SYS_move_mount, kept, "", target, "", FROM_DESCRIPTOR | TO_DESCRIPTOR) < 0)
		return -1;
	s->kept[index] = 0;
	return close(kept) < 0 ? -1 : close(target);
}

/* A path below a directory of the host in which others may change links meanwhile (CVE-2021-30465). */
static int open_beneath(const char *directory, const char *path)
{
	struct sandbox beneath = { .root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	if (beneath.root < 0)
		return -1;
	int fd = open_inside(&beneath, path, O_PATH), error = errno;
	close(beneath.root);
	errno = error;
	return fd;
}

/* Mounts with `from` as the working directory, by which the kernel resolves relative paths in the options. */
static int mount_from(const char *from, int fd, const char *source, const char *type, unsigned long flags, const char *data)
{
	int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (before < 0 || chdir(from) < 0) {
		int error = errno;
		if (before >= 0)
			close(before);
		close(fd);
		errno = error;
		return -1;
	}
	int result = mount_at(fd, source, type, flags, data), error = errno;
	if ((fchdir(before) < 0 || close(before) < 0) && result == 0)
		return -1;
	errno = error;
	return result;
}

/* The bind mount, or whatever else it is, with the flags that one mount(2) takes. */
static int mount_once(struct sandbox *s, const struct record *r, int target, unsigned long flags)
{
	char by_fd[32];
	const char *source = arg(r, 0), *type = arg(r, 3), *data = arg(r, 5), *beneath = arg(r, 7), *from = arg(r, 9);
	if (*arg(r, 8))
		return attach_kept(s, arg_number(r, 8), target);
	int fd = -1;
	if (*beneath) {
		if ((fd = open_beneath(beneath, source)) < 0)
			return -1;
		source = fd_path(by_fd, fd);
	}
	const char *kind = *type ? type : NULL, *options = *data ? data : NULL;
	int result = *from ? mount_from(from, target, source, kind, flags, options) : mount_at(target, source, kind, flags, options), error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return result;
}

/*
 * source, target, inside, type, flags, data, create ("dir", "file" or ""), directory that the source is beneath, number of a kept one,
 * working directory
 */
int do_mount(struct sandbox *s, const struct record *r)
{
	const char *source = arg(r, 0), *target = arg(r, 1), *create = arg(r, 6);
	int inside = *arg(r, 2) == '1';
	unsigned long flags = (unsigned long)arg_number(r, 4);
	s->detail = target;
	if (*create == 'd' && make_directories(s, target, 0755) < 0)
		return -1;
	if (*create == 'f' && make_file(s, target) < 0)
		return -1;
	int fd = open_target(s, target, inside);
	if (fd < 0)
		return -1;
	unsigned long extra = flags & MS_BIND && !(flags & MS_REMOUNT) ? flags & ~(MS_BIND | MS_REC | MS_SILENT) : 0;
	/* A remount takes away what it does not repeat. */
	if (flags & MS_REMOUNT && flags & MS_BIND)
		flags |= present_flags(fd);
	if (mount_once(s, r, fd, flags & ~extra) < 0) {
		if (flags & MS_BIND)
			s->detail = source;
		return -1;
	}
	if (!extra)
		return 0;
	/* A bind mount takes no other flags; they are set on the new mount, which the same path leads to now. */
	fd = open_target(s, target, inside);
	return fd < 0 ? -1 : restrict_mount(fd, extra, (flags & MS_REC) != 0);
}

/* path, mode. Nothing but mounts of the plan's own lies there: no image and no container has had a hand in it. */
int do_mounted_mkdir(struct sandbox *s, const struct record *r)
{
	const char *path = s->detail = arg(r, 0);
	mode_t mode = (mode_t)arg_number(r, 1);
	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : -1;
	/* Again, because the umask took bits away. */
	return chmod(path, mode);
}

int do_mask(struct sandbox *s, const struct record *r)
{
	struct stat st;
	int fd = open_inside(s, s->detail = arg(r, 0), O_PATH);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	if (fstat(fd, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		return mount_at(fd, "tmpfs", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0k");
	return mount_at(fd, "/dev/null", NULL, MS_BIND, NULL);
}

int do_readonly(struct sandbox *s, const struct record *r)
{
	char source[32];
	const char *path = s->detail = arg(r, 0);
	int fd = open_inside(s, path, O_PATH);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	if (mount_at(fd, fd_path(source, fd), NULL, MS_BIND | MS_REC, NULL) < 0)
		return -1;
	fd = open_inside(s, path, O_PATH);
	return fd < 0 ? -1 : restrict_mount(fd, MS_RDONLY, 1);
}

int do_root_readonly(struct sandbox *s, const struct record *r)
{
	(void)r;
	int fd = open_inside(s, s->detail = "/", O_PATH);
	return fd < 0 ? -1 : restrict_mount(fd, MS_RDONLY, 0);
}
