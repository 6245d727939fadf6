/* Reads a plan: the list of records that TypeScript compiled. See README.md for the format. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum phase { PHASE_MONITOR = 1, PHASE_SANDBOX = 2, PHASE_HOST = 3 };

/* The numbers are shared with src/plan/opcodes.ts; a test holds the two lists together. */
enum opcode {
	OP_STATUS_FILE = 1,
	OP_EXIT_FILE = 2,
	OP_JOIN = 3,
	OP_STDIN_NULL = 4,
	OP_DETACH = 5,
	OP_ON_FAILURE = 6,
	OP_ON_LEAVE = 7,
	OP_CLONE_FLAGS = 8,
	OP_CGROUP = 9,
	OP_DOOR = 10,
	OP_LOG = 11,
	OP_RESTART = 12,
	OP_OOM_EVENTS = 13,
	OP_WAIT_FILE = 14,
	OP_KILL_REST = 15,
	OP_SPOOL = 16,
	OP_LEAVE_CHANGED = 17,
	OP_KEEP_OPEN = 18,
	OP_ENTER = 19,
	OP_EVENT = 20, /* of the monitor's phase, as all above; OP_UNSHARE is the sandbox's */

	OP_UNSHARE = 20,
	OP_MOUNT = 21,
	OP_ROOT_SET = 22,
	OP_MKDIR = 23,
	OP_SYMLINK = 24,
	OP_MKNOD = 25,
	OP_MASK = 26,
	OP_READONLY = 27,
	OP_ROOT_ENTER = 28,
	OP_ROOT_READONLY = 29,
	OP_HOSTNAME = 30,
	OP_TERMINAL = 31,
	OP_RESET = 32,
	OP_CAPABILITIES = 33,
	OP_USER = 34,
	OP_NO_NEW_PRIVS = 35,
	OP_SECCOMP = 36,
	OP_CHDIR = 37,
	OP_EXEC = 38,
	OP_TEST_STOP = 39,
	OP_RLIMIT = 40,
	OP_OOM_SCORE_ADJ = 41,
	OP_SYSCTL = 42,
	OP_INIT = 43,
	OP_MOUNTED_MKDIR = 44,
	OP_MOUNT_KEEP = 45,
	OP_FILL = 46,
	OP_GROUPS = 47,

	OP_FILE_REMOVE = 60,
	OP_DIR_REMOVE = 61,
	OP_TREE_REMOVE = 62,
	OP_TREE_COPY = 63,
	OP_CGROUP_REMOVE = 64,
	OP_CGROUP_KILL = 65,
	OP_LINES_REMOVE = 70,
	OP_PROGRAM = 71,
};

struct plan {
	const uint8_t *records, *end;
};

struct record {
	uint8_t phase, op;
	uint16_t argc;
	const uint8_t *args, *next;
};

/* Maps the plan behind fd. -1 and errno where it is not one of this version. */
int plan_open(struct plan *plan, int fd);
/* Takes it out of memory again. */
int plan_close(const struct plan *plan);
/* The next record of a phase. Start with rec->next = NULL. 0: there is none. */
int plan_next(const struct plan *plan, enum phase phase, struct record *rec);
/* The first record of an opcode, or 0. */
int plan_find(const struct plan *plan, enum phase phase, enum opcode op, struct record *rec);

/* Argument i as a NUL-terminated string; "" beyond the last. */
const char *arg(const struct record *rec, unsigned i);
/* Its bytes, which may hold NULs. */
const void *arg_bytes(const struct record *rec, unsigned i, size_t *size);
unsigned long long arg_number(const struct record *rec, unsigned i);
/* Arguments from..from+n-1 as a vector with a NULL at its end; out has room for n + 1. */
void arg_vector(const struct record *rec, unsigned from, unsigned n, char **out);
