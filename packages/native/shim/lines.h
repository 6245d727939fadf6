#pragma once
#include "plan.h"

/*
 * Ends the lines of `marker`, twelve characters, in every file of `directory`: they become comments where they are, and where no other line
 * is left a file without lines takes the place of the old one. The rules by which that is done while programs read are in
 * ../src/steps/lines-text.ts. 0, or -1 with errno; a directory that is not there is no error.
 */
int lines_remove(const char *directory, const char *marker, const char *lock);

/* Opens the file that OP_KEEP_OPEN names, for as long as the caller lives. 0, or -1 with errno. */
int lines_keep_open(const struct plan *plan);
