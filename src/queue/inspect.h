/* Looking into a queue without disturbing it: for the tool, for status, for the agent's metrics.
 *
 * A snapshot never writes, takes no lock for longer than a copy, and leaves no file behind. With a
 * live agent it reads the file itself (mode=ro); without one it copies db and wal under the lock
 * file and opens the copy, since a read-only opener of a WAL file would leave -wal and -shm behind
 * or miss what is in them.
 */
#ifndef FR_QUEUE_INSPECT_H
#define FR_QUEUE_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/env.h"
#include "event/event.h"
#include "queue/batch.h"
#include "queue/sinks.h"

struct fr_snapshot;

/* FR_NONE when there is no queue. */
enum fr_status fr_snapshot_open(struct fr_snapshot **out, const char *home,
				const struct fr_env *env, struct fr_error *err);

/* For the process that has this queue open itself: never takes a copy, which would cost it its
 * locks. */
enum fr_status fr_snapshot_open_beside(struct fr_snapshot **out, const char *home,
				       const struct fr_env *env, struct fr_error *err);
void fr_snapshot_close(struct fr_snapshot *snapshot);

/* ---- the whole ---- */

struct fr_queue_facts {
	int64_t queued; /* rows still here */
	int64_t last_id;
	int64_t oldest_us; /* 0 when empty */
	int64_t newest_us;
	int64_t db_bytes, wal_bytes, shm_bytes;
	int64_t sessions;
	int64_t dead_letters;
	int64_t schema_version;
	char incident[256]; /* the last salvage or other mishap, with its time; "" when none */
	int64_t incident_us;
};
/* What came lately. */
struct fr_queue_pace {
	int64_t recorded;       /* events since then, about: unwanted ones may be missing */
	int64_t known_since_us; /* the first sign of an event since then; 0: none */
	int64_t event_bytes;    /* what one of the newest takes in the file; 0: none is there */
	int64_t used_bytes;     /* pages of the file that are in use */
};
enum fr_status fr_snapshot_pace(struct fr_snapshot *snapshot, int64_t since_us,
				struct fr_queue_pace *out, struct fr_error *err);

/* What those pages may take, of a queue.max_bytes. */
int64_t fr_queue_database_bytes(int64_t max_bytes);

enum fr_status fr_snapshot_facts(struct fr_snapshot *snapshot, struct fr_queue_facts *out,
				 struct fr_error *err);

/* ---- sinks and their books ---- */

struct fr_sink_facts {
	struct fr_sink_row row;
	bool ended;
	int64_t committed, delivered, queued, in_batches, dead, dropped, unwanted;
	int64_t open_batches;
	int64_t oldest_waiting_us; /* 0 when none */
	bool balanced;
};
typedef void fr_on_sink(void *context, const struct fr_sink_facts *facts);
enum fr_status fr_snapshot_sinks(struct fr_snapshot *snapshot, fr_on_sink *on_sink, void *context,
				 struct fr_error *err);

/* One line of the ledger: kind is delivered, dead, unwanted, or dropped:<reason>. */
typedef void fr_on_ledger(void *context, const char *sink, const char *kind, int64_t events);
enum fr_status fr_snapshot_ledger(struct fr_snapshot *snapshot, fr_on_ledger *on_ledger,
				  void *context, struct fr_error *err);

/* What a rule refused or took out of events, by reason and event name; the largest counts first. */
typedef void fr_on_refused(void *context, const char *reason, const char *name, int64_t events,
			   int64_t last_us);
enum fr_status fr_snapshot_refused(struct fr_snapshot *snapshot, fr_on_refused *on_refused,
				   void *context, struct fr_error *err);

/* Integrity check of the file and the ledger recomputed from the rows: every finding is one
 * sentence. */
typedef void fr_on_finding(void *context, const char *sentence);
enum fr_status fr_snapshot_verify(struct fr_snapshot *snapshot, fr_on_finding *on_finding,
				  void *context, unsigned *findings, struct fr_error *err);

/* ---- events ---- */

struct fr_event_filter {
	const char *name_glob; /* NULL: all */
	enum fr_severity min_severity;
	int64_t since_us;        /* 0: all */
	int64_t after_id;        /* only rows behind this one */
	const char *sink;        /* only what this sink still has before it; NULL: all */
	const char *uuid_prefix; /* NULL: all */
	size_t last;             /* only the newest so many; 0: all */
};
/* Return false to stop. The event is borrowed for the call. */
typedef bool fr_on_event(void *context, const struct fr_event *event);
enum fr_status fr_snapshot_events(struct fr_snapshot *snapshot,
				  const struct fr_event_filter *filter, fr_on_event *on_event,
				  void *context, struct fr_error *err);

/* ---- dead letters ---- */

/* A dead letter as one of its events shows it; everything is borrowed for the call. */
struct fr_letter {
	int64_t id;
	int64_t bundle; /* 0: it is a letter of its own */
	const char *sink;
	bool sink_has_ended;
	int64_t died_us;
	int status; /* HTTP status, 0 where none */
	const char *reason;
	const char *answer;
	int64_t events;   /* how many it holds */
	int64_t lost;     /* how many of them count as refused */
	int64_t asked_us; /* since when it is asked for; 0: it is not */
	bool is_in_batch; /* on its way out again */
	struct fr_event event;
};

struct fr_letter_filter {
	int64_t after_id;      /* only those behind this one */
	const char *sink;      /* NULL: all */
	const char *name_glob; /* any event of a bundle; NULL: all */
	int64_t since_us;      /* died since then; 0: all */
	int64_t before_us;     /* died before; 0: all */
};

/* Return false to stop. */
typedef bool fr_on_letter(void *context, const struct fr_letter *letter);

/* Dead letters, oldest first; of a bundle its first event. */
enum fr_status fr_snapshot_letters(struct fr_snapshot *snapshot,
				   const struct fr_letter_filter *filter, fr_on_letter *on_letter,
				   void *context, struct fr_error *err);

/* Every event of one letter, which any of its ids names. Nothing is called when there is none. */
enum fr_status fr_snapshot_letter(struct fr_snapshot *snapshot, int64_t id, fr_on_letter *on_letter,
				  void *context, struct fr_error *err);

/* ---- what was sent ---- */

/* A request that its sink has answered for good; everything is borrowed for the call. */
struct fr_sent {
	const char *sink;
	const char *batch; /* the id that the receiver was given */
	int64_t time_us;   /* when the answer was booked */
	int status;        /* HTTP status, 0 where none */
	int64_t events;    /* in the request */
	int64_t accepted;  /* of these */
	int64_t bytes;     /* of the body, before compression */
	const char *names; /* {"name":events,...} */
	const char *body;  /* NULL: not kept */
};

/* Return false to stop. */
typedef bool fr_on_sent(void *context, const struct fr_sent *sent);

/* The last so many, to one sink or (NULL) to all, oldest first. */
enum fr_status fr_snapshot_sent(struct fr_snapshot *snapshot, const char *sink, size_t last,
				fr_on_sent *on_sent, void *context, struct fr_error *err);

/* ---- batches ---- */

/* What the next batch of a sink would be, by the same rules as the claim, or its oldest open batch;
 * changes nothing. claim->sink 0 is a sink that the queue has not met yet; its batch ids are not
 * final. FR_NONE when nothing waits. */
enum fr_status fr_snapshot_next_batch(struct fr_snapshot *snapshot, const struct fr_claim *claim,
				      struct fr_batch **out, struct fr_error *err);

/* ---- any question ---- */

/* One value of a row. */
struct fr_cell {
	const char *name; /* of its column */
	const char *text; /* NULL for NULL; a blob as its bytes */
	size_t length;
	bool is_number;
};

/* Runs one read-only statement. Cells are borrowed for the call; return false to stop. */
typedef bool fr_on_row(void *context, const struct fr_cell *cells, int columns);
enum fr_status fr_snapshot_query(struct fr_snapshot *snapshot, const char *sql, fr_on_row *on_row,
				 void *context, struct fr_error *err);

#endif
