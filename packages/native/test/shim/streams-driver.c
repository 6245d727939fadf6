#include "clients.h"
#include "detach_keys.h"
#include "log.h"
#include "restart.h"
#include "spool.h"
#include "util.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Parts of the monitor by themselves, for the tests: words in, lines out. */

static void print(const char *bytes, size_t size) { fwrite(bytes, 1, size, stdout); }

/* Standard input as one line of the log. */
static int line(void)
{
	char bytes[4096];
	size_t size = fread(bytes, 1, sizeof bytes, stdin);
	log_line(1, bytes, size, print);
	return 0;
}

/* KEYS CHUNK...: what goes on of each chunk, `!` where the sequence is complete. */
static int keys(char **words)
{
	struct detach_keys k;
	if (detach_keys_read(&k, *words) < 0)
		return puts("too long") < 0;
	for (words++; *words; words++) {
		char out[256];
		size_t size;
		int done = detach_keys_filter(&k, *words, strlen(*words), out, &size);
		printf("%.*s%s\n", (int)size, out, done ? "!" : "");
		if (done)
			break;
	}
	return 0;
}

static uint32_t next_size(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return 1 + (uint32_t)(*state >> 33) % (1 << 14);
}

static void fill(char *message, uint32_t size, uint64_t n)
{
	for (uint32_t i = 0; i < size; i++)
		message[i] = (char)(n * 31 + i * 7);
}

/* DIRECTORY ROUNDS: puts messages until it is full, takes a third, and so on around the ring; every byte is compared. */
static int spool(const char *directory, unsigned rounds)
{
	static char message[1 << 14], expected[1 << 14];
	struct spool s = { .fd = -1 };
	uint64_t writing = 1, reading = 1, put = 0, taken = 0;
	for (unsigned round = 0; round <= rounds; round++) {
		for (uint64_t state = writing; round < rounds; writing = state) {
			uint32_t size = next_size(&state);
			fill(message, size, put);
			if (spool_put(&s, directory, message, size) < 0)
				break;
			put++;
		}
		for (uint64_t until = round < rounds ? taken + (put - taken) / 3 : put; taken < until; taken++) {
			uint32_t size = next_size(&reading);
			fill(expected, size, taken);
			if (spool_peek(&s, message, sizeof message) != (ssize_t)size || memcmp(message, expected, size))
				return printf("message %llu differs\n", (unsigned long long)taken) > 0;
			spool_drop(&s, size);
		}
	}
	printf("%d %lld %d\n", put > 10000 && taken == put, (long long)lseek(s.fd, 0, SEEK_END), spool_is_empty(&s));
	spool_close(&s);
	return 0;
}

/* MILLISECONDS...: how long each run lasted; the wait after it. */
static int delays(char **words)
{
	struct restart r = { .policy = RESTART_ALWAYS, .stopped = "" };
	for (; *words; words++) {
		r.since = monotonic_milliseconds() - atoll(*words);
		printf("%d ", restart_delay(&r));
	}
	return putchar('\n') < 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "line"))
		return line();
	if (argc > 2 && !strcmp(argv[1], "keys"))
		return keys(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "spool"))
		return spool(argv[2], (unsigned)atoi(argv[3]));
	if (argc > 2 && !strcmp(argv[1], "delays"))
		return delays(argv + 2);
	return 2;
}
