#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a slow client has not taken yet: a ring of messages in a file without a name, so that it costs disk and no memory. */
struct spool {
	int fd; /* -1: there has been nothing to keep */
	uint64_t head, tail;
};

enum { SPOOL_SIZE = 64 << 20 };

static inline int spool_is_empty(const struct spool *s) { return s->head == s->tail; }
/* Appends a message; -1 where there is no room for it, or no disk. `directory` is where the file is made. */
int spool_put(struct spool *, const char *directory, const void *message, size_t size);
/* The oldest message, or -1; it stays until it is dropped. */
ssize_t spool_peek(const struct spool *, void *message, size_t size);
void spool_drop(struct spool *, size_t size);
void spool_close(struct spool *);
