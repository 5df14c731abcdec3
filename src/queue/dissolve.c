/* Undoing a batch that was definitely refused, or that may no longer be sent as it is: what becomes
 * of its events gets new ids. A batch that may have been taken never comes here, but for one that
 * may not be sent again at all (consent, allowlist, a destination's age window).
 */
#include <stdlib.h>

#include "queue/batch.h"
#include "queue/db.h"
#include "queue/events.h"
#include "queue/ledger.h"
#include "queue/members.h"
#include "queue/sweep.h"

enum fr_status fr_batch_refused(struct fr_queue *queue, const struct fr_batch *batch,
				struct fr_error *err)
{
	return fr_db_run(queue, FR_QUERY_update_batch_refused, err, "is", batch->row, batch->uuid);
}

static enum fr_status refreeze(struct fr_queue *queue, const struct fr_batch *batch, size_t from,
			       size_t count, struct fr_error *err)
{
	struct fr_member_range members = {batch->events + from, count};
	struct fr_batch fresh = {0};

	return fr_members_freeze(queue, batch->sink, batch->of_dead, members, &fresh, err);
}

enum fr_status fr_batch_split(struct fr_queue *queue, const struct fr_batch *batch,
			      struct fr_error *err)
{
	size_t half = batch->count / 2;
	enum fr_status status;

	if (batch->count < 2 || batch->missing > 0)
		return fr_fail(err, FR_INVALID, "batch %s cannot be split", batch->uuid);
	status = fr_members_thaw(queue, batch, err);
	if (status == FR_OK)
		status = refreeze(queue, batch, 0, half, err);
	if (status == FR_OK)
		status = refreeze(queue, batch, half, batch->count - half, err);
	return status;
}

/* Keeps the members the claim wants, in order, as views that borrow from the batch. */
static size_t keep_wanted(const struct fr_batch *batch, const struct fr_claim *claim,
			  struct fr_event *kept)
{
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++)
		if (fr_claim_wants(claim, &batch->events[i]))
			kept[count++] = batch->events[i];
	return count;
}

/* Dead letters that may not go out stay what they are. */
static enum fr_status book_unkept(struct fr_queue *queue, const struct fr_batch *batch,
				  size_t kept_weight, struct fr_error *err)
{
	enum fr_status status = fr_ledger_book(queue, batch->sink,
					       batch->of_dead ? FR_LEDGER_DEAD : FR_LEDGER_UNWANTED,
					       "", (int64_t)(batch->weight - kept_weight), err);

	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DROPPED, "missing",
					(int64_t)batch->missing_weight, err);
	return status;
}

enum fr_status fr_batch_renew(struct fr_queue *queue, const struct fr_batch *batch,
			      const struct fr_claim *claim, struct fr_error *err)
{
	struct fr_event *kept = calloc(batch->count + 1, sizeof *kept);
	struct fr_batch fresh = {0};
	enum fr_status status;
	size_t count;
	bool more;

	if (kept == NULL)
		return fr_fail(err, FR_NOMEM, "renew batch: out of memory");
	count = keep_wanted(batch, claim, kept);
	status = fr_members_thaw(queue, batch, err);
	if (status == FR_OK && count > 0)
		status = fr_members_freeze(queue, batch->sink, batch->of_dead,
					   (struct fr_member_range){kept, count}, &fresh, err);
	if (status == FR_OK)
		status = book_unkept(queue, batch, fresh.weight, err);
	if (status == FR_OK)
		status = fr_sweep_finished(queue, &more, err);
	free(kept);
	return status == FR_OK && count == 0 ? FR_NONE : status;
}
