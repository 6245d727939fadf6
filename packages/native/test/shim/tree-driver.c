#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "tree.h"

/* What the tests of the tree functions need beside them, so that they need no tool (setfattr, a deep mkdir) that may be missing. */

static size_t root_length;
static const char *detail;

static void print_xattrs(const char *path)
{
	char keys[4096], value[4096];
	ssize_t size = llistxattr(path, keys, sizeof keys);
	for (char *key = keys; key < keys + size; key += strlen(key) + 1) {
		ssize_t length = lgetxattr(path, key, value, sizeof value);
		printf(" %s=", key);
		for (ssize_t i = 0; i < length; i++) printf("%02x", (unsigned char)value[i]);
	}
}

static void print_content(const char *path, const struct stat *st)
{
	char buffer[4096];
	if (S_ISLNK(st->st_mode)) {
		ssize_t n = readlink(path, buffer, sizeof buffer);
		printf(" -> %.*s", (int)n, buffer);
	} else if (S_ISREG(st->st_mode)) {
		unsigned long hash = 14695981039346656037u;
		FILE *file = fopen(path, "re");
		for (int c; file && (c = getc(file)) != EOF;) hash = (hash ^ (unsigned long)c) * 1099511628211u;
		if (file) fclose(file);
		printf(" size=%lld hash=%lx", (long long)st->st_size, hash);
	}
}

static int print_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)type, (void)ftw;
	printf("%s mode=%o owner=%u:%u links=%lu", path + root_length, st->st_mode, st->st_uid, st->st_gid, (unsigned long)st->st_nlink);
	printf(" mtime=%lld.%09ld", (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	/* The walk itself reads directories and links, which moves theirs. */
	if (!S_ISDIR(st->st_mode) && !S_ISLNK(st->st_mode)) printf(" atime=%lld.%09ld", (long long)st->st_atim.tv_sec, st->st_atim.tv_nsec);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) printf(" device=%u:%u", major(st->st_rdev), minor(st->st_rdev));
	int fd = S_ISREG(st->st_mode) ? open(path, O_RDONLY | O_NOATIME) : -1;
	print_content(path, st);
	if (fd >= 0) futimens(fd, (struct timespec[]){st->st_atim, st->st_mtim}), close(fd);
	print_xattrs(path);
	putchar('\n');
	return 0;
}

static int set_xattr(const char *path, const char *key, const char *hex)
{
	char value[256];
	size_t size = strlen(hex) / 2;
	for (size_t i = 0; i < size; i++) sscanf(hex + 2 * i, "%2hhx", (unsigned char *)&value[i]);
	return lsetxattr(path, key, value, size, 0);
}

/* A chain of `count` directories with a file in each. */
static int make_deep(const char *path, int count)
{
	int failed = chdir(path);
	for (int i = 0; i < count && !failed; i++) {
		int fd = open("file", O_WRONLY | O_CREAT, 0644);
		failed = fd < 0 || close(fd) || mkdir("directory", 0755) || chdir("directory");
	}
	return failed;
}

static int print_depth(const char *path)
{
	int depth = 0;
	if (chdir(path)) return -1;
	for (; !access("file", F_OK) && !chdir("directory"); depth++);
	return printf("%d\n", depth) < 0;
}

static int print_blocks(const char *path)
{
	struct stat st;
	return stat(path, &st) || printf("%lld\n", (long long)st.st_blocks) < 0;
}

/* Links `path` as PATH.0, PATH.1, ... */
static int make_links(const char *path, int count)
{
	int failed = 0;
	for (int i = 0; i < count && !failed; i++) {
		char name[4096];
		snprintf(name, sizeof name, "%s.%d", path, i);
		failed = link(path, name);
	}
	return failed;
}

/* By number: the texts differ between the C libraries. */
static int answer(int failed)
{
	if (failed) printf("%s: %d\n", detail, errno);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "", *path = argv[2];
	detail = path;
	if (!strcmp(verb, "copy") && argc == 4) return answer(tree_copy(path, argv[3], 0, &detail));
	if (!strcmp(verb, "over") && argc == 4) return answer(tree_copy(path, argv[3], 1, &detail));
	if (!strcmp(verb, "remove")) return answer(tree_remove(path, &detail));
	if (!strcmp(verb, "socket")) return answer(mknod(path, S_IFSOCK | 0755, 0));
	if (!strcmp(verb, "depth")) return answer(print_depth(path));
	if (!strcmp(verb, "blocks")) return answer(print_blocks(path));
	if (!strcmp(verb, "deep") && argc == 4) return answer(make_deep(path, atoi(argv[3])));
	if (!strcmp(verb, "links") && argc == 4) return answer(make_links(path, atoi(argv[3])));
	if (!strcmp(verb, "xattr") && argc == 5) return answer(set_xattr(path, argv[3], argv[4]));
	if (!strcmp(verb, "manifest")) {
		root_length = strlen(path);
		return answer(nftw(path, print_entry, 64, FTW_PHYS));
	}
	return 2;
}
