#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "tree.h"

/* tree-driver copy FROM TO | remove PATH: prints "DETAIL: ERRNO TEXT" and exits 1 where the call fails. */
int main(int argc, char **argv)
{
	const char *detail = NULL;
	int copies = argc == 4 && !strcmp(argv[1], "copy");
	if (!copies && !(argc == 3 && !strcmp(argv[1], "remove"))) return 2;
	if (!(copies ? tree_copy(argv[2], argv[3], &detail) : tree_remove(argv[2], &detail))) return 0;
	int error = errno;
	printf("%s: %d %s\n", detail, error, strerror(error));
	return 1;
}
