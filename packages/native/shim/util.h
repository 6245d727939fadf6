#pragma once
#include <stddef.h>

/* Writes a short text to an existing file (cgroup and /proc interface files). */
int write_to(const char *path, const char *text);
/* Replaces a file by rename, so that a reader sees all of it or nothing. */
int write_file(const char *path, const char *text);
int write_all(int fd, const void *data, size_t size);
/* Appends a decimal number, answers the new end. No stdio: it would be half of the shim. */
char *put_number(char *at, long long number);
char *put_text(char *at, const char *text);
unsigned long long parse_number(const char *text);
void fail_text(const char *text);

/*
 * A buffer that gives its memory back when the container is quiet: the content is lost. Of whole pages, which are its own; all other
 * variables are few, and the linker puts them together (--sort-section).
 */
#define BUFFER(name, size) static char name[((size) + 4095) & ~4095] __attribute__((aligned(4096)))
void give_back(void *buffer, size_t size);
/* The same for what the stack was once deeper. */
void give_back_stack(void);
