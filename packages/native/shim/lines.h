#pragma once

/*
 * Ends the lines of `marker`, twelve characters, in every file of `directory`: they become comments where they are. The rules by which that
 * is done while programs read are in ../src/steps/lines-text.ts. 0, or -1 with errno; a directory that is not there is no error.
 */
int lines_remove(const char *directory, const char *marker, const char *lock);
