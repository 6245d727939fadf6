#pragma once
struct message;

/*
 * A program that started us and goes on, at a socket of its own: what becomes of the start is told there, as text, because it has no reader
 * of messages. Our end closes with us; that its end closes says that it is gone. -1 everywhere: there is none, rt has become us.
 */
/* "P PID\n" */
void owner_started(int owner, int pid);
/* "E STATUS\n", of wait(2) */
void owner_ended(int owner, int status);
/* "F STEP ERRNO DETAIL" and the end of the file. Does not return where there is one. */
void owner_failed(int owner, const struct message *failure);
/* To be asked when the socket has something to say. */
int owner_is_gone(int owner);
