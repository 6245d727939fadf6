#pragma once
#include "streams.h"
#include <poll.h>
#include <stddef.h>

enum { CLIENTS_MOST = 64 };

/* What clients may see and change of a container. */
struct served {
	struct streams streams;
	pid_t init;        /* 0: between two runs */
	int stopped;       /* somebody said that it is not to be started again */
	const char *spool; /* directory */
};

/* A connection becomes a client. `primary`: the one that started the container in the foreground; it holds it back when it is slow. */
void client_add(int fd, int primary, const struct served *);
/* All who stand before the door (-1: there is none). */
void clients_accept(int door, const struct served *);
/* Fills in what to wait for, CLIENTS_MOST entries, and afterwards does what has come. `held`: a message waits for the primary client. */
void clients_watch(struct pollfd *, int held);
void clients_serve(const struct pollfd *, struct served *);
/* Writes typed input on to the container, when it can take some. */
void clients_input(struct served *);
int clients_have_input(void);
/* A message for all that want output; bytes[0] is its kind. -1: the primary client cannot take it yet, nor can its spool. */
int clients_deliver(const char *message, size_t size, const struct served *);
/* The exit status for everybody; they are let go when they have read all. */
void clients_end(int code, const struct served *);
int clients_left(void);
/* As log_rest. */
void clients_rest(void);
