#pragma once
#include <stddef.h>

/* The sequence that lets go of a terminal; keys that may be its beginning are kept back until that is decided. */
struct detach_keys {
	unsigned char keys[64];
	unsigned count, matched;
};

/* Decimal numbers with commas between them; `-`: none. -1: too long. */
int detach_keys_read(struct detach_keys *, const char *text);
/* Takes what was typed, writes what is to be sent on (size + 64 bytes at the most). 1: the whole sequence has come. */
int detach_keys_filter(struct detach_keys *, const char *typed, size_t size, char *out, size_t *out_size);
