/* Reading a damaged copy: what plain SQL reaches, and events page by page where it does not.
 * Internal to queue/.
 *
 * Both write into a new queue that nobody else has open, inside its transaction, and leave what is
 * there already alone. They return FR_OK whatever the copy looks like; a fault is one of the new
 * file's.
 */
#ifndef FR_QUEUE_SALVAGE_READ_H
#define FR_QUEUE_SALVAGE_READ_H

#include "queue/db.h"

/* Copies every table from both ends up to the damage. *whole: nothing stood in the way. */
enum fr_status fr_salvage_tables(struct fr_queue *into, const char *copy, bool *whole,
				 struct fr_error *err);

/* Copies what a purge keeps: the sinks, their books, and the newest id. From a sound queue. */
enum fr_status fr_salvage_books(struct fr_queue *into, struct fr_queue *from, struct fr_error *err);

/* Copies the events behind `swept` of every page that holds some, reachable or not. */
enum fr_status fr_salvage_pages(struct fr_queue *into, const char *copy, int64_t swept,
				struct fr_error *err);

#endif
