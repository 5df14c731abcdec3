/* The happy path is two fstat() calls: file and WAL are so small that even if every frame of the
 * WAL became a new page, all would fit. Only near the limit are pages counted exactly.
 *
 * Failures: a reader that pins the WAL keeps a checkpoint from shortening it; then the WAL may use
 * what is left of max_bytes, and after that record answers FR_FULL. A step of eviction that fails
 * leaves the steps before it committed and booked.
 */
#include "queue/room.h"

#include <stdlib.h>

#include "base/crash.h"
#include "queue/ledger.h"
#include "queue/sweep.h"

enum {
	STEPS_MOST = 64, /* of eviction for one record call */
	EVICT_ROWS = 200,
	SHM_BYTES = 32 * 1024, /* for each 4096 frames */
	PAGES_EXTRA = 6,       /* interior pages, the pointer map, the session */
};

struct budget {
	int64_t pages;     /* of the database file */
	int64_t wal_share; /* bytes */
	int64_t total;     /* bytes of all three, reserve left out */
};

/* What a transaction will need. */
struct need {
	int64_t frames; /* pages it writes into the WAL */
	int64_t growth; /* pages it may add to the database */
	int64_t total;  /* bytes the three files may reach with it */
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t shm_bytes(int64_t wal_bytes)
{
	return SHM_BYTES * (1 + wal_bytes / ((int64_t)FR_FRAME_BYTES * 4000));
}

static int64_t reserve_bytes(int64_t max_bytes)
{
	return least(max_bytes / 8, 2 * 1024 * 1024);
}

static struct budget budget_of(int64_t max_bytes)
{
	struct budget budget;

	budget.wal_share = least(max_bytes / 4, 16 * 1024 * 1024);
	budget.total = max_bytes - reserve_bytes(max_bytes);
	budget.pages =
		(budget.total - budget.wal_share - shm_bytes(budget.wal_share)) / FR_PAGE_BYTES;
	return budget;
}

int64_t fr_room_database_bytes(int64_t max_bytes)
{
	return budget_of(max_bytes).pages * FR_PAGE_BYTES;
}

static int64_t file_bytes(struct fr_queue *queue, int which)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;

	if (sqlite3_file_control(queue->db, "main", which, &file) != SQLITE_OK || file == NULL ||
	    file->pMethods == NULL || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		return 0;
	return size;
}

int64_t fr_room_wal_bytes(struct fr_queue *queue)
{
	return file_bytes(queue, SQLITE_FCNTL_JOURNAL_POINTER);
}

static int64_t pages_for(int64_t bytes)
{
	return PAGES_EXTRA + bytes / (FR_PAGE_BYTES - 64) * 2;
}

static bool is_ample(struct fr_queue *queue, const struct budget *budget, int64_t pages)
{
	int64_t wal = fr_room_wal_bytes(queue);
	int64_t database = file_bytes(queue, SQLITE_FCNTL_FILE_POINTER);

	return wal + pages * FR_FRAME_BYTES <= budget->wal_share &&
	       database / FR_PAGE_BYTES + wal / FR_FRAME_BYTES + pages <= budget->pages;
}

enum fr_status fr_room_checkpoint(struct fr_queue *queue, bool truncate, struct fr_error *err)
{
	int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
	int code;

	/* A patient checkpoint would hold every writer up for as long as a foreign reader likes. */
	fr_db_set_patient(queue, false);
	FR_CRASH_POINT("queue.checkpoint.before");
	code = sqlite3_wal_checkpoint_v2(queue->db, NULL, mode, NULL, NULL);
	FR_CRASH_POINT("queue.checkpoint.after");
	fr_db_set_patient(queue, true);
	return code == SQLITE_OK ? FR_OK : fr_db_fail(queue->db, code, queue->path, err);
}

void fr_room_keep_log_short(struct fr_queue *queue)
{
	bool must = queue->log_must_shrink;

	queue->log_must_shrink = false;
	if (must || fr_room_wal_bytes(queue) > budget_of(queue->max_bytes).wal_share / 2)
		(void)fr_room_checkpoint(queue, true, NULL);
}

/* Room in the WAL: its share, or, when a reader pins it, whatever is left in all. */
static enum fr_status make_wal_room(struct fr_queue *queue, const struct budget *budget,
				    const struct need *need, struct fr_error *err)
{
	int64_t bytes = need->frames * FR_FRAME_BYTES;
	int64_t page_count = 0, wal;
	enum fr_status status;

	if (fr_room_wal_bytes(queue) + bytes <= budget->wal_share)
		return FR_OK;
	status = fr_room_checkpoint(queue, true, err);
	if (status != FR_OK && status != FR_BUSY)
		return status;
	wal = fr_room_wal_bytes(queue) + bytes;
	if (wal <= budget->wal_share)
		return FR_OK;
	status = fr_db_get(queue, FR_QUERY_select_page_count, &page_count, err, "");
	if (status != FR_OK)
		return status;
	if ((page_count + need->growth) * FR_PAGE_BYTES + wal + shm_bytes(wal) <= need->total)
		return FR_OK;
	return fr_fail(err, FR_FULL,
		       "the queue is at its limit of %lld bytes and a reader keeps its write-ahead "
		       "log from being shortened",
		       (long long)queue->max_bytes);
}

static enum fr_status pages_fit(struct fr_queue *queue, const struct budget *budget, int64_t pages,
				bool *fit, struct fr_error *err)
{
	int64_t count = 0, free = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_select_page_count, &count, err, "");

	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_freelist_count, &free, err, "");
	if (status == FR_OK && count > budget->pages && free > pages) /* the limit was lowered */
		status = fr_db_run(queue, FR_QUERY_vacuum_step, err, "");
	*fit = (count <= budget->pages && free >= pages) || count + pages - free <= budget->pages;
	return status;
}

enum fr_status fr_room_make(struct fr_queue *queue, int64_t bytes, struct fr_error *err)
{
	struct budget budget = budget_of(queue->max_bytes);
	int64_t pages = pages_for(bytes);
	const struct need need = {pages, pages, budget.total};
	enum fr_status status;

	if (is_ample(queue, &budget, pages))
		return FR_OK;
	for (int step = 0; step < STEPS_MOST; step++) {
		bool fit = false;
		int64_t evicted = 0;

		status = make_wal_room(queue, &budget, &need, err);
		if (status == FR_OK)
			status = pages_fit(queue, &budget, pages, &fit, err);
		if (status != FR_OK || fit)
			return status;
		status = fr_sweep_evict(queue, EVICT_ROWS, &evicted, err);
		if (status != FR_OK)
			return status;
		if (evicted == 0)
			break;
	}
	return fr_fail(err, FR_FULL,
		       "the queue is at its limit of %lld bytes and nothing in it may go",
		       (long long)queue->max_bytes);
}

bool fr_room_is_ample(struct fr_queue *queue, int64_t bytes)
{
	struct budget budget = budget_of(queue->max_bytes);

	return is_ample(queue, &budget, pages_for(bytes));
}

int64_t fr_room_most_batch_bytes(const struct fr_queue *queue)
{
	return reserve_bytes(queue->max_bytes) / 2;
}

int64_t fr_room_step_bytes(const struct fr_queue *queue)
{
	return fr_room_most_batch_bytes(queue);
}

enum fr_status fr_room_for_batch(struct fr_queue *queue, int64_t bytes, struct fr_error *err)
{
	struct budget budget = budget_of(queue->max_bytes);
	const struct need need = {pages_for(bytes), PAGES_EXTRA, queue->max_bytes};

	return make_wal_room(queue, &budget, &need, err);
}

enum fr_status fr_room_for_note(struct fr_queue *queue, struct fr_error *err)
{
	struct budget budget = budget_of(queue->max_bytes);
	const struct need need = {PAGES_EXTRA, PAGES_EXTRA, budget.total};

	return make_wal_room(queue, &budget, &need, err);
}
