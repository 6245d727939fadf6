#pragma once

/*
 * The socket of a container (SOCK_SEQPACKET), at which clients knock. The first byte of a message is its kind; integers are in the
 * machine's byte order. See README.md.
 */
enum door_request {
	DOOR_ATTACH = 'A',  /* u8 flags of door_wants */
	DOOR_INPUT = 'I',   /* bytes, DOOR_BYTES at most; DOOR_TAKEN says when more may come */
	DOOR_INPUT_END = 'E',
	DOOR_WINDOW = 'W',  /* u16 rows, u16 columns */
	DOOR_STOP = 'S',    /* it is not to be started again */
	DOOR_SIGNAL = 'K',  /* u8 number, for the container's first process */
	DOOR_READER_GONE = 'P', /* u8 1 or 2: nobody reads the caller's standard output or error any more */
};

enum door_answer {
	DOOR_ATTACHED = 'B', /* u8 terminal, u8 takes input */
	DOOR_OUTPUT = 'O',   /* bytes */
	DOOR_ERRORS = 'E',   /* bytes */
	DOOR_TAKEN = 'G',    /* u32: so many bytes of input have reached the container, or nobody wants them */
	DOOR_EXIT = 'X',     /* i32 exit status; the last message */
};

enum door_wants { DOOR_WANTS_INPUT = 1, DOOR_WANTS_OUTPUT = 2, DOOR_WANTS_EXIT = 4 };

enum {
	DOOR_BYTES = 16 << 10,  /* the most that one message carries */
	DOOR_WINDOW_BYTES = 64 << 10, /* of input that a client may have under way */
};

/* Any length of path: sun_path has 108 bytes, so the directory is reached through a descriptor. -1 and errno. */
int door_open(const char *path);
int door_connect(const char *path);
