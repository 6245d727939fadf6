#pragma once
struct plan;

/* `--restart`: whether and when a container that has ended is started again. */
struct restart {
	enum { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS } policy;
	unsigned most;           /* of restarts, 0: any number */
	const char *stopped;     /* a file that is there while the user wants it stopped */
	unsigned count;
	int delay;               /* milliseconds before the next one */
	long long since;         /* when this run began, milliseconds of CLOCK_MONOTONIC */
};

void restart_read(struct restart *, const struct plan *);
void restart_begin(struct restart *);
/* There is no policy, or the user has stopped it. `stopped`: somebody said so at the door. */
int restart_is_forbidden(const struct restart *, int stopped);
/* `failed`: its exit status was not 0. */
int restart_wanted(const struct restart *, int failed, int stopped);
/* How long to wait before the next run, in milliseconds. */
int restart_delay(struct restart *);
long long monotonic_milliseconds(void);
