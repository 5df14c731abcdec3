/* Who remembers what was acknowledged, and judges by it what is there after the crash.
 *
 * Of each event, told by session and seq, it knows the last thing that was promised. After a crash
 * it looks at the queue (and at what a receiver got) and fails the test when a promise is broken:
 * an acknowledged event that is nowhere or twice, a hole in a session, one that came back.
 */
#ifndef FR_TESTS_CRASH_WITNESS_H
#define FR_TESTS_CRASH_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum witness_state {
	WITNESS_UNKNOWN = 0,  /* nobody was told: it may be there, once */
	WITNESS_ACKNOWLEDGED, /* it is there, once */
	WITNESS_LEAVING,      /* its batch is being finished: it may be there */
	WITNESS_GONE,         /* finished: it does not come back */
};

struct witness;

struct witness *witness_new(void);
void witness_free(struct witness *witness);

void witness_note(struct witness *witness, const char *session, int64_t seq,
		  enum witness_state state);

/* From now on acknowledged events may have been given up to a limit, which the books tell; a look
 * may find that the file was salvaged. */
void witness_allow_evictions(struct witness *witness);
void witness_allow_salvage(struct witness *witness);

/* How many events were acknowledged in all. */
size_t witness_count(const struct witness *witness);

/* Looks into a home that nobody uses, without an agent: the file is sound, the books balance, and
 * the rows keep every promise. Fails the test with `when` otherwise. */
void witness_check(struct witness *witness, const char *home, const char *when);

/* The same where events have left for a receiver: `received` is its SQLite file. Each acknowledged
 * event is in the queue or was received. */
void witness_check_received(struct witness *witness, const char *home, const char *received,
			    const char *when);

#endif
