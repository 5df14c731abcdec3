/* What is tried under faults: a queue that can be set back to a saved state, calls on it, and the
 * questions that must have good answers after each of them, whatever failed.
 */
#ifndef FR_TESTS_FAULT_STAGE_H
#define FR_TESTS_FAULT_STAGE_H

#include "support/queue_fixture.h"

enum { STAGE_EVENTS_MOST = 4096, STAGE_MANY = 3, STAGE_IN_BATCH = 5 };

/* Files of a home and the session that recorded them. */
struct stage_image {
	struct {
		char *bytes;
		size_t length;
	} files[2];
	struct fr_session session;
};

struct stage {
	struct queue_fixture *fixture;
	struct stage_image saved;
	int64_t sink;
	struct fr_batch *batch; /* claimed by the last act that did */
	struct fr_draft draft;
	char uuids[STAGE_MANY][FR_UUID_TEXT];
	bool acknowledged[STAGE_EVENTS_MOST]; /* by seq */
	bool is_out[STAGE_EVENTS_MOST];       /* delivered or buried, by seq */
	unsigned checks;
	int64_t uncertain; /* how often record said so */
};

/* One call, or one transaction of the agent; allocates nothing of its own. */
struct stage_act {
	const char *name;
	void (*prepare)(struct stage *stage); /* before the fault; NULL: nothing */
	enum fr_status (*run)(struct stage *stage);
	bool is_home_empty;   /* begins without any file */
	bool is_home_damaged; /* begins with a bad page */
	bool is_closed;       /* begins without a connection */
};

extern const struct stage_act stage_acts[];
extern const size_t stage_act_count;

/* The steps that acts are made of, for setting up and for looking: one event; the next batch of
 * the sink; its oldest open one, FR_NONE when there is none. The last two leave it in stage->batch
 * and are inside a transaction. */
enum fr_status stage_record(struct stage *stage);
enum fr_status stage_claim(struct stage *stage, size_t most);
enum fr_status stage_load(struct stage *stage);

/* A queue with a sink, events of which some are delivered, an open batch, and frames in its WAL. */
void stage_make(struct stage *stage, enum fr_durability durability);
void stage_drop(struct stage *stage);

/* The saved state again, ready for the act. */
void stage_set(struct stage *stage, const struct stage_act *act);

/* After the fault is gone: the act succeeds when it is tried again, another event can be recorded,
 * the connection waits for the disk as it should, the books balance, and every acknowledged event
 * is delivered, once and whole. Fails the test with `what` otherwise. */
void stage_check(struct stage *stage, const struct stage_act *act, const char *what);

#endif
