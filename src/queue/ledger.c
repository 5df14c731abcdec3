#include "queue/ledger.h"

static const char *const kind_names[] = {
	[FR_LEDGER_DELIVERED] = "delivered",
	[FR_LEDGER_DEAD] = "dead",
	[FR_LEDGER_DROPPED] = "dropped",
	[FR_LEDGER_UNWANTED] = "unwanted",
};

enum fr_status fr_ledger_book(struct fr_queue *queue, int64_t sink, enum fr_ledger_kind kind,
			      const char *reason, int64_t events, struct fr_error *err)
{
	if (events == 0)
		return FR_OK;
	return fr_db_run(queue, FR_QUERY_book, err, "issi", sink, kind_names[kind], reason, events);
}

enum fr_status fr_ledger_note(struct fr_queue *queue, int64_t sink, enum fr_ledger_kind kind,
			      const char *name, int64_t events, struct fr_error *err)
{
	int64_t minute = fr_env_wall_us(queue->env) / 60000000;

	if (events == 0)
		return FR_OK;
	return fr_db_run(queue, FR_QUERY_add_history, err, "iissi", minute, sink, name,
			 kind_names[kind], events);
}
