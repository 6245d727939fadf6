#pragma once
#include "tree_data.h"
#include "tree_links.h"
#include "tree_walk.h"

/* A copy under way. */
struct tree_copy {
	struct tree_stack stack;
	struct tree_reader reader;
	struct tree_data data;
	struct tree_links links;
	struct tree_id source, target; /* the roots */
	int over;
	const char *base[TREE_SIDES];
	const char *detail;
};

/* Notes where it failed, `leaf` in the directory that is being copied or that itself. -1, errno as it was. */
int tree_copy_failed(struct tree_copy *, int side, const char *leaf);

/* Copies what is no directory; of one it keeps the name. 0, or -1 with errno. */
int tree_copy_entry(struct tree_copy *, struct tree_frame *, const char *name);

/* O_NOATIME keeps the source as it was; only the owner and root may ask for it. O_NONBLOCK: should the name have become a FIFO. */
int tree_open_source(int dir, const char *name, int flags);
