/* The sinks as the queue knows them: how far each has come, and its retry state, which survives
 * restarts. */
#ifndef FR_QUEUE_SINKS_H
#define FR_QUEUE_SINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/batch.h"
#include "queue/queue.h"

enum { FR_SINK_NAME_MAX = 64, FR_REASON_TEXT = 256 };

/* What a courier must remember over a restart. The queue stores it and does not interpret it, but
 * for `paused`, which flush and the views look at. */
struct fr_retry {
	bool paused;
	char reason[FR_REASON_TEXT]; /* for people; "" when all is well */
	char kind[32];               /* the verdict's word: "credentials", "offline", ... */
	unsigned attempts;           /* the exponent n of the backoff */
	int64_t wait_us;       /* how long from saved_boot_us until the next attempt; 0: now */
	int64_t saved_boot_us; /* boot clock when this was saved ... */
	char boot_id
		[40]; /* ... in this boot; in another one the whole wait counts from the start */
	int64_t since_us;        /* wall clock: since when it is not well; 0: it is */
	int64_t last_success_us; /* wall clock of the last 2xx; 0: never */
	int64_t limit_bytes;     /* learned from a 413; 0: none */
	unsigned ramp;      /* how many events the next batch may hold after an outage; 0: full */
	unsigned streak;    /* consecutive failures of the same kind */
	unsigned ambiguous; /* batches whose answer never came, in all */
};

struct fr_sink_row {
	int64_t id;
	char name[FR_SINK_NAME_MAX + 1];
	char type[32];
	struct fr_retry retry;
};

/* Makes the live sinks exactly these (names are unique): new ones begin behind the last swept row,
 * or where one of that name had come; missing ones end: what they had not finished is booked as
 * dropped{removed} and their rows are let go. Fills ids in. In a transaction of its own. */
struct fr_sink_want {
	const char *name;
	const char *type;
	int64_t id; /* out */
};
enum fr_status fr_sinks_set(struct fr_queue *queue, struct fr_sink_want *wants, size_t count,
			    struct fr_error *err);

enum fr_status fr_sink_load(struct fr_queue *queue, int64_t sink, struct fr_sink_row *out,
			    struct fr_error *err);

/* How far the sink of a name has come. FR_NONE: none was ever named so. */
struct fr_sink_place {
	int64_t id;
	int64_t cursor;
	bool has_ended;
};
enum fr_status fr_sink_find(struct fr_queue *queue, const char *name, struct fr_sink_place *out,
			    struct fr_error *err);

/* Inside a transaction. */
enum fr_status fr_sink_save_retry(struct fr_queue *queue, int64_t sink,
				  const struct fr_retry *retry, struct fr_error *err);

/* What waits for a sink: decides when a batch is due. Looks at no more than max(limit,
 * FR_CLAIM_SCAN) rows behind the cursor and counts the sendable ones; which of them the sink's list
 * wants, only a claim tells. */
struct fr_backlog {
	size_t waiting; /* sendable rows among those looked at */
	bool more;      /* a claim may find something else: rows beyond those looked at, or dead
			 * letters that are asked for */
	size_t open_batches;
};
enum fr_status fr_sink_backlog(struct fr_queue *queue, int64_t sink, size_t limit,
			       struct fr_backlog *out, struct fr_error *err);

/* Books what every live sink has not finished as dropped{reason} and deletes their batches. Inside
 * a transaction. */
enum fr_status fr_sinks_book_all(struct fr_queue *queue, const char *reason, struct fr_error *err);

#endif
