#include "detach_keys.h"
#include "util.h"
#include <string.h>

int detach_keys_read(struct detach_keys *d, const char *text)
{
	*d = (struct detach_keys){ 0 };
	if (*text == '-')
		return 0;
	for (; text; text = strchr(text, ',')) {
		text += *text == ',';
		if (d->count == sizeof d->keys)
			return -1;
		d->keys[d->count++] = (unsigned char)parse_number(text);
	}
	return 0;
}

int detach_keys_filter(struct detach_keys *d, const char *typed, size_t size, char *out, size_t *out_size)
{
	char *at = out;
	for (size_t i = 0; i < size; i++) {
		if (d->count > 0 && (unsigned char)typed[i] != d->keys[d->matched]) {
			/* It was not: what was kept back was meant for the container. This key may begin the sequence anew. */
			memcpy(at, d->keys, d->matched);
			at += d->matched;
			d->matched = 0;
		}
		if (d->count == 0 || (unsigned char)typed[i] != d->keys[d->matched])
			*at++ = typed[i];
		else if (++d->matched == d->count) {
			*out_size = (size_t)(at - out);
			return 1;
		}
	}
	*out_size = (size_t)(at - out);
	return 0;
}
