#include "tree_layer.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

int tree_is_whiteout(const struct tree_stat *stat) { return S_ISCHR(stat->mode) && !stat->rdev_major && !stat->rdev_minor; }

int tree_layer_clear(int dir, const char *name)
{
	const char *detail;
	if (!unlinkat(dir, name, 0) || errno == ENOENT) return 0;
	if (errno != EISDIR) return -1;
	/* tree_remove wants a path; the working directory is ours to move while a copy runs. */
	return fchdir(dir) ? -1 : tree_remove(name, &detail);
}

static int is_opaque(int fd)
{
	char value;
	return fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

int tree_layer_open(int source, int dir, const char *name)
{
	if (is_opaque(source)) return tree_layer_clear(dir, name);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) return errno == ENOENT ? 0 : errno == ENOTDIR || errno == ELOOP ? tree_layer_clear(dir, name) : -1;
	/* Where there are none, or no such attributes at all, it fails, and that is as good. */
	fremovexattr(fd, "system.posix_acl_default");
	fremovexattr(fd, "system.posix_acl_access");
	return close(fd);
}
