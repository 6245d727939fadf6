#include "restart.h"
#include "plan.h"
#include <time.h>
#include <unistd.h>

/* Docker's: doubled with every restart, from the beginning again for a container that has run for a while. */
enum { FIRST_DELAY = 100, LONGEST_DELAY = 60000, STABLE_AFTER = 10000 };

long long monotonic_milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

/* policy as in the enum, most, stopped file */
void restart_read(struct restart *r, const struct plan *plan)
{
	struct record rec;
	*r = (struct restart){ .policy = RESTART_NO, .stopped = "" };
	if (!plan_find(plan, PHASE_MONITOR, OP_RESTART, &rec))
		return;
	r->policy = arg_number(&rec, 0) == RESTART_ON_FAILURE ? RESTART_ON_FAILURE : RESTART_ALWAYS;
	r->most = (unsigned)arg_number(&rec, 1);
	r->stopped = arg(&rec, 2);
}

void restart_begin(struct restart *r) { r->since = monotonic_milliseconds(); }

int restart_is_forbidden(const struct restart *r, int stopped)
{
	return r->policy == RESTART_NO || stopped || access(r->stopped, F_OK) == 0;
}

int restart_wanted(const struct restart *r, int failed, int stopped)
{
	if (restart_is_forbidden(r, stopped))
		return 0;
	return r->policy == RESTART_ALWAYS || (failed && (r->most == 0 || r->count < r->most));
}

int restart_delay(struct restart *r)
{
	if (r->delay == 0 || monotonic_milliseconds() - r->since >= STABLE_AFTER)
		r->delay = FIRST_DELAY;
	else if (r->delay < LONGEST_DELAY)
		r->delay = r->delay * 2 < LONGEST_DELAY ? r->delay * 2 : LONGEST_DELAY;
	return r->delay;
}
