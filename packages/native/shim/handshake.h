/*
 * What stage and init tell the monitor, one SOCK_SEQPACKET message each; end of file says that the program was executed. The monitor
 * says one thing, MSG_GO: it takes signals from now on. Node has set off the stage and is then on its way to become the monitor, where
 * a signal ends it; a program that ran by then would be killed for a signal that it handles.
 */
#pragma once
#include <stddef.h>

enum message_kind { MSG_INIT_PID = 'P', MSG_FAILURE = 'F', MSG_TERMINAL = 'T', MSG_TEST_STOP = 'K', MSG_SIGNAL = 'S', MSG_ENDED = 'X',
	MSG_NETNS = 'N', MSG_GO = 'G', MSG_HOLD = 'H' };

/* The most descriptors that one message carries: the kernel's SCM_MAX_FD. */
enum { MOST_FDS = 253 };

/* Names of steps that are the shim's own and not the plan's. */
enum { STEP_STAGE = -1, STEP_CLONE = -2, STEP_NETNS = -3, STEP_CGROUP = -4, STEP_ENTER = -5, STEP_COPY = -6, STEP_JOIN = -7 };

struct message {
	int kind;
	int value; /* a pid, or the index of the step that failed */
	int error; /* errno */
	char detail[244];
};

int send_message(int socket, const struct message *message, int fd);
/* MSG_GO. Where nobody is left to read it the next message says why. */
void send_go(int socket);
/* Size of the message, 0 at end of file, -1. Descriptors that came along, -1 for none; at most two. */
int receive_message(int socket, void *message, size_t size, int fds[2]);
/* The same with room for `most` descriptors, of which those that did not come are -1. */
int receive_fds(int socket, void *message, size_t size, int *fds, unsigned most);
