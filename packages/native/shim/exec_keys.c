#include "exec_keys.h"
#include <string.h>

long exec_keys_filter(struct exec_keys *k, const char *typed, size_t size, char *out)
{
	char *to = out;
	for (size_t i = 0; i < size; i++) {
		if (k->matched < k->count && typed[i] != k->keys[k->matched]) {
			memcpy(to, k->keys, k->matched);
			to += k->matched;
			k->matched = 0;
		}
		if (k->count == 0 || typed[i] != k->keys[k->matched])
			*to++ = typed[i];
		else if (++k->matched == k->count)
			return -1;
	}
	return to - out;
}
