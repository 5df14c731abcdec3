/* The happy path: one small step, told to the caller as `more` when another should follow.
 *
 * Age: nothing expires before the wall clock has agreed with the boot clock for a day in all, so
 * that a jump of ten years does not empty the queue. How long they agreed is kept in the file; a
 * disagreement of more than a minute begins the day anew.
 */
#include <stdlib.h>
#include <string.h>

#include "queue/ballast.h"
#include "queue/db.h"
#include "queue/dead_parts.h"
#include "queue/room.h"
#include "queue/salvage.h"
#include "queue/sweep.h"

#define SECOND_US          INT64_C(1000000)
#define DAY_US             (24 * 3600 * SECOND_US)
#define CLOCK_EVERY_US     (600 * SECOND_US)
#define CLOCK_SLACK_US     (60 * SECOND_US)
#define HISTORY_MINUTES    (30 * 24 * 60)
#define HISTORY_LINE_SHARE 2048 /* one line of about 64 bytes in so many of max_bytes: 3 % of it */

struct clock_note {
	char boot_id[40];
	int64_t boot_us;
	int64_t wall_us;
	int64_t agreed_us;
};

static enum fr_status read_clock(struct fr_queue *queue, struct clock_note *note,
				 struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_clock, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		(void)fr_text_copy(note->boot_id, sizeof note->boot_id, fr_db_text(statement, 0));
		note->boot_us = sqlite3_column_int64(statement, 1);
		note->wall_us = sqlite3_column_int64(statement, 2);
		note->agreed_us = sqlite3_column_int64(statement, 3);
	}
	fr_db_finish(statement);
	return status;
}

/* Over a reboot nothing can be compared: what had been agreed stays, unless the wall clock went
 * back. */
static void compare_clocks(struct clock_note *note, const char *boot_id, int64_t boot_us,
			   int64_t wall_us)
{
	int64_t passed = boot_us - note->boot_us;
	int64_t gone_wrong = llabs((wall_us - note->wall_us) - passed);

	if (strcmp(note->boot_id, boot_id) != 0)
		note->agreed_us = wall_us < note->wall_us ? 0 : note->agreed_us;
	else if (passed < 0 || gone_wrong > CLOCK_SLACK_US)
		note->agreed_us = 0;
	else
		note->agreed_us += passed;
	(void)fr_text_copy(note->boot_id, sizeof note->boot_id, boot_id);
	note->boot_us = boot_us;
	note->wall_us = wall_us;
}

/* Notes the clocks now and then; *trusted: they have agreed for a day. *noted: it was time to. */
static enum fr_status watch_clock(struct fr_queue *queue, bool *trusted, bool *noted,
				  struct fr_error *err)
{
	int64_t boot_us = fr_env_boot_us(queue->env);
	struct clock_note note = {0};
	enum fr_status status = read_clock(queue, &note, err);

	*noted =
		queue->clock_checked_us == 0 || boot_us - queue->clock_checked_us >= CLOCK_EVERY_US;
	if (status == FR_OK && *noted) {
		queue->clock_checked_us = boot_us;
		compare_clocks(&note, queue->env->boot_id, boot_us, fr_env_wall_us(queue->env));
		status = fr_queue_begin(queue, err);
		if (status == FR_OK)
			status = fr_db_run(queue, FR_QUERY_update_clock, err, "siii", note.boot_id,
					   note.boot_us, note.wall_us, note.agreed_us);
		if (status == FR_OK)
			status = fr_db_run(queue, FR_QUERY_trim_history, err, "ii",
					   note.wall_us / (60 * SECOND_US) - HISTORY_MINUTES,
					   queue->max_bytes / HISTORY_LINE_SHARE);
		if (status == FR_OK)
			status = fr_queue_commit(queue, err);
		fr_queue_rollback(queue);
	}
	*trusted = note.agreed_us >= DAY_US;
	return status;
}

/* What is kept beside the events: dead letters, what was sent, damaged copies. */
static enum fr_status drop_kept(struct fr_queue *queue, int64_t limit_us, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	bool more = true;

	fr_salvage_drop_old(queue->home, limit_us);
	while (status == FR_OK && more)
		status = fr_dead_drop_old(queue, limit_us, &more, err);
	if (status == FR_OK)
		status = fr_queue_begin(queue, err);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_old_sent, err, "i", limit_us);
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	fr_queue_rollback(queue);
	return status;
}

static enum fr_status drop_old(struct fr_queue *queue, struct fr_upkeep *upkeep,
			       struct fr_error *err)
{
	int64_t limit_us = fr_env_wall_us(queue->env) - upkeep->max_age_ms * 1000;
	bool trusted = false, noted = false, more = false;
	enum fr_status status = watch_clock(queue, &trusted, &noted, err);

	if (status != FR_OK || !trusted || upkeep->max_age_ms == 0)
		return status;
	status = fr_sweep_old(queue, limit_us, &more, err);
	if (status == FR_OK && noted) /* a look at all of them: not each time */
		status = drop_kept(queue, limit_us, err);
	upkeep->more = upkeep->more || more;
	return status;
}

static enum fr_status sweep_step(struct fr_queue *queue, struct fr_upkeep *upkeep,
				 struct fr_error *err)
{
	bool more = false;
	enum fr_status status = fr_queue_begin(queue, err);

	if (status == FR_OK)
		status = upkeep->idle ? fr_sweep_finished(queue, &more, err)
				      : fr_sweep_if_due(queue, 0, err);
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	fr_queue_rollback(queue);
	upkeep->more = upkeep->more || more;
	return status;
}

/* Gives pages back while the queue is idle; a few at a time. */
static enum fr_status shrink_step(struct fr_queue *queue, struct fr_upkeep *upkeep,
				  struct fr_error *err)
{
	int64_t free = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_select_freelist_count, &free, err, "");

	if (status == FR_OK && free > 0) {
		status = fr_db_enter(queue, err);
		if (status != FR_OK)
			return status;
		status = fr_db_run(queue, FR_QUERY_vacuum_step, err, "");
		fr_db_unlock(queue);
		upkeep->more = upkeep->more || (status == FR_OK && free > 128);
	}
	return status;
}

static enum fr_status checkpoint_step(struct fr_queue *queue, bool idle, struct fr_error *err)
{
	int64_t wal = fr_room_wal_bytes(queue);
	enum fr_status status;

	if (!(idle ? wal > 0 : wal > (int64_t)FR_CHECKPOINT_FRAMES * FR_FRAME_BYTES))
		return FR_OK;
	status = fr_db_enter(queue, err);
	if (status != FR_OK)
		return status;
	status = fr_room_checkpoint(queue, true, err);
	fr_db_unlock(queue);
	return status == FR_BUSY ? FR_OK : status; /* a reader is in the way: next time */
}

/* Without `more` only: what is dropped in the next step needs no other reason to be called for. */
static enum fr_status see_ageing(struct fr_queue *queue, struct fr_upkeep *upkeep,
				 struct fr_error *err)
{
	int64_t any = 0;
	enum fr_status status = FR_NONE;

	if (!upkeep->more && upkeep->max_age_ms > 0)
		status = fr_db_get(queue, FR_QUERY_has_kept, &any, err, "");
	upkeep->ageing = status == FR_OK;
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_queue_upkeep(struct fr_queue *queue, struct fr_upkeep *upkeep,
			       struct fr_error *err)
{
	enum fr_status status;

	upkeep->more = upkeep->ageing = false;
	status = sweep_step(queue, upkeep, err);
	if (status == FR_OK)
		status = drop_old(queue, upkeep, err);
	if (status == FR_OK)
		fr_ballast_take(queue);
	if (status == FR_OK && upkeep->idle)
		status = shrink_step(queue, upkeep, err);
	if (status == FR_OK)
		status = checkpoint_step(queue, upkeep->idle && !upkeep->more, err);
	if (status == FR_OK)
		status = see_ageing(queue, upkeep, err);
	return status;
}
