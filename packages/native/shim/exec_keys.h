#pragma once
#include <stddef.h>

/* The keys that leave a program to itself, typed one after the other. */
struct exec_keys {
	const char *keys;
	size_t count, matched;
};

/*
 * Copies what was typed to `out` (room for size + count) and answers how much that is; what may become the sequence is held back. -1: it
 * is complete.
 */
long exec_keys_filter(struct exec_keys *, const char *typed, size_t size, char *out);
