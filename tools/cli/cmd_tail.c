/* flightrec tail: the newest events, and with -f those to come.
 *
 * Following asks the file system whether the queue's files have changed, and only then looks
 * inside. A look may cost a copy of the queue (inspect.h), so the pause after it grows with what
 * it cost: at most a tenth of the time is spent looking. What came and left between two looks is
 * not shown, but counted and said.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/stamp.h"
#include "cli.h"
#include "events.h"
#include "flightrec_cli_sql.h"
#include "look.h"
#include "table.h"

enum { LAST_DEFAULT = 10, PAUSE_MS = 200, SHARE = 10 };

struct tail {
	const struct cli *cli;
	struct cli_table table;
	struct fr_event_filter filter;
	struct fr_error err;
	enum fr_status status; /* of what could not be printed */
	int64_t newest;        /* the highest id known: everything up to there was looked at */
	int64_t met;           /* events of this look */
	struct fr_stamp db, wal;
	int64_t created_us; /* of the file looked at last */
	int64_t incident_us;
};

static bool on_event(void *context, const struct fr_event *event)
{
	struct tail *tail = context;

	tail->met++;
	if (event->id > tail->newest)
		tail->newest = event->id;
	if (tail->cli->json)
		tail->status = cli_event_print_json(event, &tail->err);
	else
		cli_event_table_add(&tail->table, event);
	return tail->status == FR_OK && ferror(stdout) == 0;
}

static bool on_created(void *context, const struct fr_cell *cells, int columns)
{
	int64_t *created_us = context;

	if (columns == 1 && cells->text != NULL)
		*created_us = strtoll(cells->text, NULL, 10);
	return false;
}

static enum fr_status facts_ask(struct tail *tail, struct fr_queue_facts *facts,
				int64_t *created_us)
{
	struct fr_snapshot *snapshot = NULL;
	enum fr_status status = cli_snapshot_open(tail->cli, &snapshot, &tail->err);

	if (status == FR_OK)
		status = fr_snapshot_facts(snapshot, facts, &tail->err);
	if (status == FR_OK)
		status = fr_snapshot_query(snapshot, fr_sql_created, on_created, created_us,
					   &tail->err);
	fr_snapshot_close(snapshot);
	return status;
}

/* Only a filter-less look can tell what is missing from what it did not ask for. */
static void gap_mention(const struct tail *tail, int64_t before)
{
	const struct fr_event_filter *filter = &tail->filter;
	int64_t gap = tail->newest - before - tail->met;

	if (gap > 0 && filter->name_glob == NULL && filter->min_severity == FR_TRACE &&
	    filter->since_us == 0 && filter->sink == NULL && !tail->cli->json)
		(void)fprintf(stderr, "(%lld came and left in between)\n", (long long)gap);
}

/* A queue that was deleted and begun anew counts from 1 again; one that was salvaged into a new
 * file goes on counting, and says so as an incident. */
static bool is_another(struct tail *tail, const struct fr_queue_facts *facts, int64_t created_us)
{
	bool is_another = facts->last_id < tail->newest ||
			  (tail->created_us != 0 && tail->created_us != created_us &&
			   facts->incident_us == tail->incident_us);

	tail->created_us = created_us;
	tail->incident_us = facts->incident_us;
	return is_another;
}

/* Shows what lies behind `newest`, or the last ones at the first look. */
static enum fr_status tail_look(struct tail *tail, bool is_first)
{
	int64_t before = tail->newest;
	struct fr_queue_facts facts = {0};
	int64_t created_us = 0;
	enum fr_status status = facts_ask(tail, &facts, &created_us);

	if (status == FR_OK && is_another(tail, &facts, created_us))
		before = tail->newest = 0;
	tail->filter.after_id = before;
	tail->met = 0;
	if (status == FR_OK)
		status = cli_events_each(tail->cli, &tail->filter, on_event, tail, &tail->err);
	if (status == FR_OK)
		status = tail->status;
	if (facts.last_id > tail->newest)
		tail->newest = facts.last_id;
	if (status == FR_OK && !is_first)
		gap_mention(tail, before);
	tail->filter.last = 0;
	(void)fflush(stdout);
	return status;
}

/* Begins behind what is there. */
static enum fr_status tail_skip(struct tail *tail)
{
	struct fr_queue_facts facts = {0};
	enum fr_status status = facts_ask(tail, &facts, &tail->created_us);

	tail->newest = facts.last_id;
	tail->incident_us = facts.incident_us;
	return status;
}

static bool queue_has_changed(struct tail *tail)
{
	char path[FR_PATH_MAX];
	bool changed = false;

	if (fr_path_join(path, tail->cli->home.path, "queue.db", NULL) == FR_OK)
		changed = fr_stamp_renew(&tail->db, path);
	if (fr_path_join(path, tail->cli->home.path, "queue.db-wal", NULL) == FR_OK)
		changed = fr_stamp_renew(&tail->wal, path) || changed;
	return changed;
}

/* Until it is stopped from outside, or what it writes to is gone. */
static enum fr_status tail_follow(struct tail *tail)
{
	const struct fr_env *env = &tail->cli->env;
	enum fr_status status = FR_OK;
	int64_t pause_ms = PAUSE_MS;

	while ((status == FR_OK || status == FR_NONE || status == FR_BUSY) && ferror(stdout) == 0) {
		int64_t start_us;

		(void)poll(NULL, 0, (int)pause_ms);
		if (status != FR_BUSY && !queue_has_changed(tail))
			continue;
		start_us = fr_env_boot_us(env);
		status = tail_look(tail, false);
		pause_ms = (fr_env_boot_us(env) - start_us) / 1000 * SHARE;
		if (pause_ms < PAUSE_MS)
			pause_ms = PAUSE_MS;
	}
	return status;
}

static int tail_run(struct cli *cli)
{
	struct tail tail = {.cli = cli};
	const char *text = cli_value(cli, "last");
	int64_t last = LAST_DEFAULT;
	enum fr_status status;
	int code = cli_filter_parse(cli, &tail.filter);

	if (code != CLI_DONE)
		return code;
	if (text != NULL && cli_parse_count("last", text, INT32_MAX, &last, &tail.err) != FR_OK)
		return cli_misused(cli, "%s", tail.err.text);
	cli_event_table_init(&tail.table, cli, 0);
	(void)queue_has_changed(&tail); /* before the first look, so that nothing falls between */
	tail.filter.last = (size_t)last;
	status = last > 0 ? tail_look(&tail, true) : tail_skip(&tail);
	if (status == FR_NONE)
		cli_nothing_yet(cli);
	tail.filter.last = 0;
	if (cli_is_given(cli, "follow"))
		status = tail_follow(&tail);
	if (cli_table_finish(&tail.table, status == FR_OK ? &tail.err : NULL) != FR_OK)
		return cli_failed(&tail.err);
	return status == FR_OK || status == FR_NONE ? CLI_DONE : cli_failed(&tail.err);
}

static const struct cli_option tail_options[] = {
	{"follow", 'f', NULL, "go on showing events as they are recorded, until stopped"},
	{"last", 'n', "COUNT", "begin with the newest so many (default 10)"},
	CLI_FILTER_OPTIONS,
	{0},
};

const struct cli_command cmd_tail = {
	.name = "tail",
	.operands = "",
	.summary = "the newest events, and those to come",
	.help = "Shows the newest events; with -f it goes on with those that are recorded from\n"
		"now on. Following disturbs neither the recording programs nor the agent. An\n"
		"event that is delivered within a fraction of a second may have left before it\n"
		"could be shown; that is said, not hidden.\n"
		"\n"
		"Examples:\n"
		"  flightrec tail -f\n"
		"  flightrec tail -f -n 0 --severity error --json",
	.options = tail_options,
	.run = tail_run,
};
