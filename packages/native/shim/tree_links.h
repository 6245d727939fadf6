#pragma once

#include "tree_walk.h"

/*
 * Hard links of a tree that is being copied. The first copy of a linked file gets one more link in a directory of our own in the
 * target's root, from where its other names are linked: one call whatever the depth, without walking a path of the tree again and
 * without a descriptor per file. The last name takes the extra link away by rename, so a copy never has more links than its source.
 */
struct tree_link {
	uint64_t device, inode;
	uint32_t serial; /* names the extra link; 0: a free slot */
	uint32_t left; /* names still to come */
};

struct tree_links {
	struct tree_link *slots;
	size_t size, used;
	int source, target; /* the roots of both trees; the caller closes them */
	int staging; /* -1 until there is a link */
	char name[24];
};

/* Makes `name` in `dir` another link of the copy: 1; or 0 where there is no copy yet, -1 with errno. */
int tree_links_join(struct tree_links *links, const struct tree_stat *stat, int dir, const char *name);
/* `name` in `dir` is the first copy of a file with more names. */
int tree_links_keep(struct tree_links *links, const struct tree_stat *stat, int dir, const char *name);
/* Removes the extra links that are left (the source has names outside of the tree) and their directory. */
int tree_links_close(struct tree_links *links);
