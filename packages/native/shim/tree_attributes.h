#pragma once

#include "tree_walk.h"

/* overlayfs's own attributes: they tell how a layer lies upon others, and mean nothing in a copy. */
#define TREE_OVERLAY "trusted.overlay."

/* A file that is open (`fd`), or where `fd` is -1 one that must not be opened (a symlink, a device): `name` in directory `dir`. */
struct tree_place {
	int fd, dir;
	const char *name;
};

/* The largest list of names and the largest value that the kernel allows, side by side: one size for every attribute. */
enum { TREE_XATTR_LIST = 65536, TREE_XATTR_VALUE = 65536, TREE_BUFFER_SIZE = TREE_XATTR_LIST + TREE_XATTR_VALUE };

/*
 * Gives `to` the owner, mode and times of `stat` and the extended attributes of `from` (NULL: none). `buffer` has TREE_BUFFER_SIZE
 * bytes. May move the working directory: l*xattr takes no directory descriptor, and a path would need /proc or could be led astray.
 */
int tree_set_attributes(const struct tree_place *from, const struct tree_place *to, const struct tree_stat *stat, char *buffer);
