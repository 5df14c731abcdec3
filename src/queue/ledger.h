/* The books: every way an event leaves is counted in the transaction in which it leaves. Internal
 * to queue/. */
#ifndef FR_QUEUE_LEDGER_H
#define FR_QUEUE_LEDGER_H

#include "queue/db.h"

enum fr_ledger_kind {
	FR_LEDGER_DELIVERED,
	FR_LEDGER_DEAD,
	FR_LEDGER_DROPPED,
	FR_LEDGER_UNWANTED,
};

/* Adds (or takes away) events of one sink; reason "" but for dropped. Zero events are not written.
 */
enum fr_status fr_ledger_book(struct fr_queue *queue, int64_t sink, enum fr_ledger_kind kind,
			      const char *reason, int64_t events, struct fr_error *err);

/* Counts one event name's outcome in the minute of the wall clock; unwanted is no outcome. */
enum fr_status fr_ledger_note(struct fr_queue *queue, int64_t sink, enum fr_ledger_kind kind,
			      const char *name, int64_t events, struct fr_error *err);

#endif
