/* The happy path: one INSERT with the names counted, and now and then a DELETE of the oldest.
 *
 * Where the file is close to its limit a row costs an older one, and a body is left out: an ack
 * never fails for want of room for this. Other failures leave the transaction to be rolled back.
 */
#include "queue/sent.h"

#include <string.h>

#include "base/buffer.h"
#include "queue/db.h"
#include "queue/room.h"

enum {
	NAMES_MOST = 32,    /* of one row; the others are counted together */
	TRIM_EVERY = 32,    /* rows */
	ROW_BYTES = 128,    /* beside names and body */
	PAGES_SPARE = 8,    /* free ones of the file, more than a row takes */
	EVICT_ROWS = 1,     /* where it is tight */
	BODY_FRACTION = 2,  /* of the share that one body may take */
	NAMES_BYTES = 8192, /* a name has at most 128 */
};

static int64_t share_bytes(const struct fr_queue *queue)
{
	return queue->max_bytes / FR_SENT_SHARE;
}

bool fr_sent_wants_body(const struct fr_queue *queue, int64_t bytes)
{
	return queue->keep_sent == FR_KEEP_BODIES && bytes <= share_bytes(queue) / BODY_FRACTION;
}

/* ---- the names ---- */

struct tally {
	const char *names[NAMES_MOST];
	int64_t events[NAMES_MOST];
	size_t count;
	int64_t others;
	int64_t all;
};

static void tally_add(struct tally *tally, const char *name)
{
	size_t i = 0;

	tally->all++;
	while (i < tally->count && strcmp(tally->names[i], name) != 0)
		i++;
	if (i == NAMES_MOST) {
		tally->others++;
		return;
	}
	if (i == tally->count) {
		tally->names[i] = name;
		tally->count++;
	}
	tally->events[i]++;
}

/* Of what was in the request. */
static void tally_names(struct tally *tally, const struct fr_sent_note *note)
{
	size_t left = 0;

	for (size_t i = 0; i < note->batch->count; i++) {
		if (left < note->left_out_count && note->left_out[left] == i)
			left++;
		else
			tally_add(tally, note->batch->events[i].name);
	}
}

/* Names are letters, digits, _ . : - and need no escapes; one in parentheses is none. */
static void names_write(struct fr_buffer *out, const struct tally *tally)
{
	fr_buffer_add_char(out, '{');
	for (size_t i = 0; i < tally->count; i++)
		fr_buffer_add_format(out, "%s\"%s\":%lld", i > 0 ? "," : "", tally->names[i],
				     (long long)tally->events[i]);
	if (tally->others > 0)
		fr_buffer_add_format(out, ",\"(other names)\":%lld", (long long)tally->others);
	fr_buffer_add_char(out, '}');
}

/* ---- the row ---- */

/* Where it is tight: pages that the file has already cost nothing, else an older row goes. */
static enum fr_status make_room(struct fr_queue *queue, int64_t bytes, struct fr_error *err)
{
	int64_t free_pages = 0;
	enum fr_status status;

	if (fr_room_is_ample(queue, bytes))
		return FR_OK;
	status = fr_db_get(queue, FR_QUERY_select_freelist_count, &free_pages, err, "");
	if (status != FR_OK || free_pages > PAGES_SPARE)
		return status;
	return fr_db_run(queue, FR_QUERY_evict_sent, err, "ii", (int64_t)EVICT_ROWS, bytes);
}

static enum fr_status trim(struct fr_queue *queue, bool has_body, struct fr_error *err)
{
	if (!has_body && sqlite3_last_insert_rowid(queue->db) % TRIM_EVERY != 0)
		return FR_OK;
	return fr_db_run(queue, FR_QUERY_trim_sent, err, "ii", (int64_t)FR_SENT_ROWS,
			 share_bytes(queue));
}

static enum fr_status insert(struct fr_queue *queue, const struct fr_sent_note *note,
			     const struct tally *tally, const struct fr_buffer *names,
			     struct fr_error *err)
{
	const struct fr_batch *batch = note->batch;
	int64_t bytes = ROW_BYTES + (int64_t)names->length;
	const char *body = note->body;
	enum fr_status status = FR_OK;

	if (body != NULL && !fr_room_is_ample(queue, 2 * note->body_bytes))
		body = NULL;
	if (body != NULL)
		bytes += note->body_bytes;
	else
		status = make_room(queue, bytes, err);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_insert_sent, err, "isiiiiissi", batch->sink,
				   batch->uuid, fr_env_wall_us(queue->env), (int64_t)note->status,
				   tally->all, (int64_t)note->accepted, note->body_bytes,
				   fr_buffer_text(names), body, bytes);
	return status == FR_OK ? trim(queue, body != NULL, err) : status;
}

enum fr_status fr_sent_add(struct fr_queue *queue, const struct fr_sent_note *note,
			   struct fr_error *err)
{
	struct tally tally = {.count = 0};
	struct fr_buffer names;
	enum fr_status status;

	if (queue->keep_sent == FR_KEEP_NOTHING)
		return FR_OK;
	tally_names(&tally, note);
	fr_buffer_init(&names, NAMES_BYTES);
	names_write(&names, &tally);
	if (names.status != FR_OK)
		status = fr_fail(err, names.status, "note what was sent: out of memory");
	else
		status = insert(queue, note, &tally, &names, err);
	fr_buffer_fini(&names);
	return status;
}

enum fr_status fr_sent_suit(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status;

	if (queue->keep_sent == FR_KEEP_BODIES)
		return FR_OK;
	status = fr_queue_begin(queue, err);
	if (status == FR_OK)
		status =
			fr_db_run(queue,
				  queue->keep_sent == FR_KEEP_NOTHING ? FR_QUERY_delete_sent
								      : FR_QUERY_forget_sent_bodies,
				  err, "");
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	fr_queue_rollback(queue);
	return status;
}
