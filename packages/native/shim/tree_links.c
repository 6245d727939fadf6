#include "tree_links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_hex(char *at, uint32_t number)
{
	for (int shift = 28; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[number >> shift & 15];
	*at = '\0';
}

static struct tree_link *slot_of(struct tree_link *slots, size_t size, uint64_t device, uint64_t inode)
{
	/* Fibonacci hashing: inode numbers of one directory are often consecutive. */
	size_t at = (inode ^ device << 20) * 0x9e3779b97f4a7c15u >> 20 & (size - 1);
	while (slots[at].serial && !(slots[at].inode == inode && slots[at].device == device)) at = (at + 1) & (size - 1);
	return &slots[at];
}

static int grow(struct tree_links *links)
{
	size_t size = links->size ? links->size * 2 : 64;
	struct tree_link *slots = calloc(size, sizeof *slots);
	if (!slots) return -1;
	for (size_t i = 0; i < links->size; i++) {
		const struct tree_link *old = &links->slots[i];
		if (old->serial) *slot_of(slots, size, old->device, old->inode) = *old;
	}
	free(links->slots);
	links->slots = slots;
	links->size = size;
	return 0;
}

/* A name that neither tree has: the source may hold whatever a container chose to write. */
static int make_staging(struct tree_links *links)
{
	for (uint32_t n = 0;; n++) {
		struct tree_stat other;
		strcpy(links->name, ".rt-links-");
		put_hex(links->name + strlen(links->name), n);
		if (!tree_stat(links->source, links->name, &other)) continue;
		if (!mkdirat(links->target, links->name, 0700)) break;
		if (errno != EEXIST) return -1;
	}
	links->staging = openat(links->target, links->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return links->staging < 0 ? -1 : 0;
}

int tree_links_join(struct tree_links *links, const struct tree_stat *stat, int dir, const char *name)
{
	if (!links->size) return 0;
	struct tree_link *link = slot_of(links->slots, links->size, stat->id.device, stat->id.inode);
	if (!link->serial || !link->left) return 0;
	char extra[9];
	put_hex(extra, link->serial);
	int failed = link->left == 1 ? renameat(links->staging, extra, dir, name) : linkat(links->staging, extra, dir, name, 0);
	if (failed) return -1;
	link->left--;
	return 1;
}

int tree_links_keep(struct tree_links *links, const struct tree_stat *stat, int dir, const char *name)
{
	if (links->staging < 0 && make_staging(links)) return -1;
	if (links->used * 4 >= links->size * 3 && grow(links)) return -1;
	struct tree_link *link = slot_of(links->slots, links->size, stat->id.device, stat->id.inode);
	char extra[9];
	uint32_t serial = link->serial ? link->serial : (uint32_t)++links->used;
	put_hex(extra, serial);
	if (linkat(dir, name, links->staging, extra, 0)) return -1;
	*link = (struct tree_link){stat->id.device, stat->id.inode, serial, stat->links - 1};
	return 0;
}

int tree_links_close(struct tree_links *links)
{
	int failed = 0;
	for (size_t i = 0; i < links->size; i++) {
		char extra[9];
		if (!links->slots[i].serial || !links->slots[i].left) continue;
		put_hex(extra, links->slots[i].serial);
		if (unlinkat(links->staging, extra, 0)) failed = -1;
	}
	if (links->staging >= 0) {
		close(links->staging);
		if (unlinkat(links->target, links->name, AT_REMOVEDIR)) failed = -1;
	}
	free(links->slots);
	links->slots = NULL;
	links->size = links->used = 0;
	links->staging = -1;
	return failed;
}
