/* What was received and what was answered, in SQLite; all counting is done there.
 *
 * Invariants: everything added since the last commit is in one transaction; a failed addition
 * spoils it as a whole, and the next commit reports that. Rows can be read before they are
 * committed.
 * Threads: one owner. SQL lives in sql/.
 */
#ifndef FR_INTAKE_STORE_H
#define FR_INTAKE_STORE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"
#include "intake/batch.h"
#include "intake/exchange.h"

struct intake_store;

enum intake_view {
	INTAKE_VIEW_STATS,
	INTAKE_VIEW_SUMMARY,
	INTAKE_VIEW_IDS,
	INTAKE_VIEW_EVENTS,
	INTAKE_VIEW_REQUESTS,
	INTAKE_VIEW_BODY,    /* of one request, as it is */
	INTAKE_VIEW_HEADERS, /* of one request, as they are */
	INTAKE_VIEWS,
};

/* path NULL: in memory, at most 1 GiB, gone when closed. FR_INVALID when the file is something
 * else. */
enum fr_status intake_store_open(struct intake_store **out, const char *path, struct fr_error *err);
void intake_store_close(struct intake_store *store);

/* Counts a batch and its events into exchange->counts. */
enum fr_status intake_store_add_batch(struct intake_store *store, struct intake_exchange *exchange,
				      const struct intake_batch *batch, struct fr_error *err);

/* Keeps the request itself, once its answer is known. */
enum fr_status intake_store_add_request(struct intake_store *store,
					const struct intake_exchange *exchange,
					const struct intake_batch *batch, int64_t time_us,
					struct fr_error *err);

/* Ends the turn. On failure nothing of it was kept. */
enum fr_status intake_store_commit(struct intake_store *store, struct fr_error *err);

/* Appends a view of what came by one path (NULL: by all), a line for each row. */
enum fr_status intake_store_show(struct intake_store *store, enum intake_view view,
				 const char *path, struct fr_buffer *out, struct fr_error *err);

/* Appends a view of one request. FR_NONE: there is no such request. */
enum fr_status intake_store_show_request(struct intake_store *store, enum intake_view view,
					 int64_t request, struct fr_buffer *out,
					 struct fr_error *err);

/* Forgets everything; ids begin at 1 again. */
enum fr_status intake_store_reset(struct intake_store *store, struct fr_error *err);

#endif
