/* What the model of the queue knows: for each sink and event where it is, and what it counts. */
#ifndef FR_TESTS_UNIT_QUEUE_MODEL_H
#define FR_TESTS_UNIT_QUEUE_MODEL_H

#include "support/queue_fixture.h"

enum { EVENTS_MOST = 4000, SINKS_MOST = 3, OPEN_MOST = 64, MEMBERS_MOST = 128 };

enum place {
	UNBORN, /* not before this sink: recorded before it began */
	WAITING,
	FROZEN,
	DELIVERED,
	LETTER,  /* a dead letter */
	RETRIED, /* one that is in a batch again */
	DROPPED,
	UNWANTED,
};

struct model_batch {
	int64_t row;
	unsigned sink;
	bool of_dead;
	size_t count;
	int64_t ids[MEMBERS_MOST]; /* of the events */
	char uuid[FR_UUID_TEXT];
};

struct model {
	struct queue_fixture *fixture;
	uint64_t random;
	int64_t last_id;
	bool here[EVENTS_MOST];
	bool local[EVENTS_MOST];
	enum place place[SINKS_MOST][EVENTS_MOST];
	bool counts[SINKS_MOST][EVENTS_MOST]; /* of a dead letter: as dead */
	bool asked[SINKS_MOST][EVENTS_MOST];
	int64_t bundle[SINKS_MOST][EVENTS_MOST];
	int64_t delivered[SINKS_MOST];
	bool live[SINKS_MOST];
	int64_t sink_id[SINKS_MOST];
	struct model_batch open[OPEN_MOST];
	size_t open_count;
};

extern const char *const model_sink_names[SINKS_MOST];

unsigned model_below(struct model *model, unsigned limit);

#define MUST(model, call)                                                      \
	do {                                                                   \
		if ((call) != FR_OK)                                           \
			fail_msg("%s: %s", #call, (model)->fixture->err.text); \
	} while (0)

/* What an answer makes of the members of an open batch: those that stay become letters, of which
 * `most` count as dead, the last ones; the others leave. Takes the batch off the list. */
void model_settle(struct model *model, size_t index, const bool *stays, size_t most);

/* Asks for some letters, or for all of a sink's. */
void model_ask(struct model *model);

/* Purges some letters. */
void model_purge_letters(struct model *model);

/* The id of the event that the i-th member of a batch is, or was before it was a letter. */
int64_t model_event_of(struct model *model, const struct fr_batch *batch, size_t i);

/* Is any letter of the sink asked for? */
bool model_has_asked(const struct model *model, unsigned sink);

/* Letters of a claim: what was asked for, of one bundle or of none. */
void model_check_retry(struct model *model, unsigned sink, const struct fr_batch *batch);

/* The letters and the books of the queue are those of the model. */
void model_letters_agree(struct model *model);

#endif
