#include "exec_monitor.h"
#include "become.h"
#include "exec_relay.h"
#include "handshake.h"
#include "owner.h"
#include "plan.h"
#include "signals.h"
#include <fcntl.h>
#include <unistd.h>

_Noreturn void exec_monitor(int plan_fd, int keeper, int owner)
{
	struct plan plan;
	struct record enter, r;
	struct message first;
	int fds[2], status = 0;
	struct exec_relay relay = { .keeper = keeper, .signals = take_signals() };
	if (plan_open(&plan, plan_fd) < 0 || !plan_find(&plan, PHASE_MONITOR, OP_ENTER, &enter) || relay.signals < 0)
		broken("the program could not be brought into the container");
	send_go(keeper);
	if (close(plan_fd) < 0 || fcntl(keeper, F_SETFD, FD_CLOEXEC) < 0 || receive_message(keeper, &first, sizeof first, fds) <= 0)
		broken("the process that should bring the program into the container was killed");
	if (first.kind != MSG_INIT_PID) {
		owner_failed(owner, &first);
		report_failure(&plan, &first);
	}
	owner_started(owner, first.value);
	/* The program goes on without us, and so does its terminal: the keeper has both. */
	if (plan_find(&plan, PHASE_MONITOR, OP_DETACH, &r))
		_exit(0);
	relay.master = fds[0];
	relay.interactive = !plan_find(&plan, PHASE_MONITOR, OP_STDIN_NULL, &r);
	if (detach_keys_read(&relay.keys, arg(&enter, 1)) < 0)
		broken("the keys to detach are too many");
	switch (exec_relay_run(&relay, &status)) {
	case EXEC_DETACHED: _exit(0);
	case EXEC_LOST: broken("the process that waits for the program was killed");
	case EXEC_ENDED: break;
	}
	owner_ended(owner, status);
	_exit(exit_code(status));
}
