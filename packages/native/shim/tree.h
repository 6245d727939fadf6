#pragma once

/*
 * Whole trees that containers wrote, so nothing in them is trusted: no name is followed through a symbolic link, no mount is entered,
 * no depth is too deep. One call at a time: `detail` is shared, and the working directory moves while a copy runs (it is put back).
 *
 * Both answer 0, or -1 with errno; *detail then points to a static buffer naming the path that failed (truncated where it is too long).
 */

/*
 * Copies the content of directory `from`, and its own owner, mode, times and attributes, onto the existing directory `to`. A name that
 * `to` already has is EEXIST, unless `over` is set: then `from` is a layer in overlay's form above what `to` has, its files and links take
 * the place of theirs, directories become one, and whiteouts and opaque directories take away and are not copied. What is mounted below
 * `from` becomes an empty directory (or file). Stops at the first error.
 */
int tree_copy(const char *from, const char *to, int over, const char **detail);

/*
 * Removes `path`, a directory with all below it or any single file. What is gone already is no error, whoever removed it. Goes on after
 * an error with all that can still be removed and reports the first one; a mount at or below `path` is EBUSY and stays untouched.
 */
int tree_remove(const char *path, const char **detail);
