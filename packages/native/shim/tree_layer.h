#pragma once

#include "tree_walk.h"

/* What a layer in overlay's form does to the tree that it is copied over (Documentation/filesystems/overlayfs.rst). */

/* A character device 0/0: the name is gone. */
int tree_is_whiteout(const struct tree_stat *stat);
/* Takes away what `dir` has under `name`, with all below it. 0, or -1 with errno. */
int tree_layer_clear(int dir, const char *name);
/*
 * Prepares `name` in `dir` for the content of the layer's directory `source`: what is no directory goes, and so does a directory that the
 * opaque one hides. A directory that stays loses its access lists, which all that is made in it would inherit.
 */
int tree_layer_open(int source, int dir, const char *name);
