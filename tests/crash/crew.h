/* Some writers (writer.c) at once, and the one who kills them.
 *
 * What they acknowledge is handed to a witness. Waiting reads their pipes, so that no writer ever
 * waits for the test. Threads: one. Life: init, start..., kill..., fini.
 */
#ifndef FR_TESTS_CRASH_CREW_H
#define FR_TESTS_CRASH_CREW_H

#include <stdbool.h>
#include <sys/types.h>

#include "crash/acknowledgement.h"
#include "crash/witness.h"
#include "support/folder.h"

enum { CREW_MOST = 8 };

struct crew_writer {
	pid_t pid; /* 0: none */
	int pipe;
	char partial[sizeof(struct acknowledgement)]; /* read up to now */
	size_t partial_length;
};

struct crew {
	struct crew_writer writers[CREW_MOST];
	struct writer_slot *slots;
	char slots_path[TEST_PATH_MAX];
	struct witness *witness; /* borrowed */
	unsigned pause_us;       /* of a writer, between calls */
	unsigned kills, kills_in_call;
};

/* The slots are a file in this folder. */
void crew_init(struct crew *crew, const struct test_folder *folder);
void crew_fini(struct crew *crew); /* kills who still runs */

/* Starts one more writer; returns its index. */
int crew_start(struct crew *crew, const char *home, const char *config, const char *durability);

/* Listens to all writers for so long. */
void crew_listen(struct crew *crew, int ms);

/* Listens until a writer has made its first call, or a generous time is up. */
void crew_await_first_call(struct crew *crew, int writer);

/* SIGKILL; listens to its last words. Fails the test when it had ended by itself. */
void crew_kill(struct crew *crew, int writer);

#endif
