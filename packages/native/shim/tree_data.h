#pragma once

#include "tree_walk.h"

struct tree_data {
	char *buffer; /* TREE_BUFFER_SIZE bytes */
	int no_clone, no_range; /* learned: this pair of file systems cannot, so it is not asked for every file */
};

/* Copies the content of `in` into the new file `out`: extents shared where possible, holes kept. -1 with errno. */
int tree_copy_data(struct tree_data *data, int in, int out, const struct tree_stat *stat);
