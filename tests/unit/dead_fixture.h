/* A queue with dead letters in it. */
#ifndef FR_TESTS_UNIT_DEAD_FIXTURE_H
#define FR_TESTS_UNIT_DEAD_FIXTURE_H

#include "queue/dead.h"
#include "queue/inspect.h"
#include "support/queue_fixture.h"

void dead_begin(struct queue_fixture *fixture);
void dead_commit(struct queue_fixture *fixture);

/* Acknowledges a batch of which `lost` were refused, nobody knows which; frees it. */
void dead_ack_part(struct queue_fixture *fixture, struct fr_batch *batch, size_t lost);

/* Refuses all of a batch, each event for itself; frees it. */
void dead_bury(struct queue_fixture *fixture, struct fr_batch *batch, const char *reason);

/* Makes the sink "a" and so many letters of it; returns the sink. */
int64_t dead_make(struct queue_fixture *fixture, unsigned count);

/* Asserts the books of the only sink, and that everything adds up. */
void dead_assert_books(struct queue_fixture *fixture, int64_t delivered, int64_t queued,
		       int64_t dead, int64_t dropped);

/* Rows of the view. */
int64_t dead_letters(struct queue_fixture *fixture);

/* The letters there are, oldest first; of a bundle its first event. Their texts are gone. */
struct dead_seen {
	struct fr_letter letters[64];
	int64_t ids[64];
	size_t count;
};
struct dead_seen dead_look(struct queue_fixture *fixture, const struct fr_letter_filter *filter);

struct fr_dead_tally dead_ask_for_all(struct queue_fixture *fixture);

#endif
