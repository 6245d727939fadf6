#pragma once
#include "streams.h"
#include <stddef.h>
#include <stdint.h>

/* What a client has typed or piped and the container has not taken yet; at most DOOR_WINDOW_BYTES. */
struct input {
	char *bytes;
	size_t start, end;
	int ends; /* behind these bytes there is the end of the input */
};

int input_add(struct input *, const char *bytes, size_t size);
static inline int input_is_pending(const struct input *in) { return in->end > in->start || in->ends; }
/* As much as the container takes now; answers how many bytes are gone. */
uint32_t input_pump(struct input *, struct streams *);
void input_free(struct input *);
