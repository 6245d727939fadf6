#include "tree_data.h"
#include "tree_attributes.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CLONE_FILE _IOW(0x94, 9, int) /* FICLONE of linux/fs.h, which musl does not bring */

static int clone(struct tree_data *data, int in, int out)
{
	if (data->no_clone) return -1;
	if (!ioctl(out, CLONE_FILE, in)) return 0;
	/* These two are about this one file (nodatacow, a swap file), all else about the file systems. */
	data->no_clone = errno != EINVAL && errno != ETXTBSY;
	return -1;
}

/* Answers 0 at the end of the file, which may have come nearer since it was looked at. */
static ssize_t copy_some(struct tree_data *data, int in, int out, off_t at, size_t size)
{
	if (!data->no_range) {
		off_t from = at, to = at;
		ssize_t n = copy_file_range(in, &from, out, &to, size, 0);
		if (n > 0) return n;
		/* Some file systems answer 0 before the end; what really ails the file, reading and writing it will tell. */
		data->no_range = n < 0;
	}
	ssize_t n = pread(in, data->buffer, size < TREE_BUFFER_SIZE ? size : TREE_BUFFER_SIZE, at);
	return n > 0 ? pwrite(out, data->buffer, (size_t)n, at) : n;
}

static int copy_segment(struct tree_data *data, int in, int out, off_t at, off_t end)
{
	while (at < end) {
		ssize_t n = copy_some(data, in, out, at, (size_t)(end - at));
		if (n < 0 && errno == EINTR) continue;
		if (n <= 0) return (int)n;
		at += n;
	}
	return 0;
}

static int copy_sparse(struct tree_data *data, int in, int out, off_t size)
{
	/* Makes the hole at the end, which no write reaches. */
	if (ftruncate(out, size)) return -1;
	for (off_t at = 0, end; at < size; at = end) {
		at = lseek(in, at, SEEK_DATA);
		if (at < 0) return errno == ENXIO ? 0 : -1;
		end = lseek(in, at, SEEK_HOLE);
		if (end < 0 || end > size) end = size;
		if (copy_segment(data, in, out, at, end)) return -1;
	}
	return 0;
}

int tree_copy_data(struct tree_data *data, int in, int out, const struct tree_stat *stat)
{
	off_t size = (off_t)stat->size;
	if (!size || !clone(data, in, out)) return 0;
	/* Fewer blocks than bytes: holes, or a file system that compresses, which then shows no holes. */
	if (stat->blocks * 512 < stat->size) return copy_sparse(data, in, out, size);
	return copy_segment(data, in, out, 0, size);
}
