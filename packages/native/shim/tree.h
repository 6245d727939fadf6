#pragma once

/* Both answer 0, or -1 with errno; *detail then points to a static buffer naming the path that failed (truncated where it is too long). */
int tree_copy(const char *from, const char *to, const char **detail);
int tree_remove(const char *path, const char **detail);
