#pragma once

/* The caller's terminal without line editing and signals of its own, while a container has it. */
int raw_terminal_enter(void);
/* Puts it back; safe to call again, and from a signal's handler. */
void raw_terminal_leave(void);
/* Again, after somebody (a shell, on SIGSTOP) has put it back meanwhile. */
void raw_terminal_again(void);
