/* The operations of the sandbox phase. Each answers 0, or -1 with errno; `detail` then says what it was about. */
#pragma once
#include "plan.h"
#include <stdint.h>
#include <sys/types.h>

/* Mounts that are taken hold of before the tree is cut off from the host's. */
enum { MOST_KEPT = 64, MOST_ASKED_GROUPS = 32 };

struct sandbox {
	int root;             /* O_PATH descriptor of what `inside` means */
	int socket;           /* to the monitor */
	int has_terminal;
	int may_go;           /* the monitor has said so */
	int entered;          /* a further program of a container that others made */
	const struct plan *plan;
	uint64_t keep;        /* capabilities of the bounding set */
	uint64_t never;       /* taken away whatever the plan says */
	char home[256];       /* of the user, for HOME */
	const char *detail;
	int kept[MOST_KEPT];  /* descriptors of detached mounts; 0: none */
	gid_t groups[MOST_ASKED_GROUPS]; /* besides the user's own */
	int group_count;
};

/* mounts.c */
int do_mount(struct sandbox *, const struct record *);
int do_mounted_mkdir(struct sandbox *, const struct record *);
int do_mount_keep(struct sandbox *, const struct record *);
int do_mask(struct sandbox *, const struct record *);
int do_readonly(struct sandbox *, const struct record *);
/* inside.c: everything here is resolved below the root, whatever links the image holds */
int open_inside(const struct sandbox *, const char *path, int flags);
int make_directories(const struct sandbox *, const char *path, mode_t mode);
int make_file(const struct sandbox *, const char *path);
int do_mkdir(struct sandbox *, const struct record *);
int do_symlink(struct sandbox *, const struct record *);
int do_mknod(struct sandbox *, const struct record *);
/* root.c */
int do_root_set(struct sandbox *, const struct record *);
int do_root_enter(struct sandbox *, const struct record *);
int do_root_readonly(struct sandbox *, const struct record *);
/* fill.c */
int do_fill(struct sandbox *, const struct record *);
/* terminal.c */
int do_terminal(struct sandbox *, const struct record *);
/* credentials.c */
int do_capabilities(struct sandbox *, const struct record *);
int do_groups(struct sandbox *, const struct record *);
int do_user(struct sandbox *, const struct record *);
/* process.c */
int do_reset(struct sandbox *, const struct record *);
int do_seccomp(struct sandbox *, const struct record *);
int do_chdir(struct sandbox *, const struct record *);
int do_exec(struct sandbox *, const struct record *);
int die_with_monitor(const struct sandbox *);
/* limits.c */
int do_rlimit(struct sandbox *, const struct record *);
int do_oom_score_adj(struct sandbox *, const struct record *);
int do_sysctl(struct sandbox *, const struct record *);
/* reaper.c */
int do_init(struct sandbox *, const struct record *);
