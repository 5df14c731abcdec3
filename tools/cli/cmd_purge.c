/* flightrec purge: delete everything recorded. */
#include <stdio.h>

#include "cli.h"
#include "confirm.h"
#include "json_out.h"
#include "look.h"
#include "output.h"

static int purge_confirm(const struct cli *cli)
{
	struct fr_snapshot *snapshot = NULL;
	struct fr_queue_facts facts = {0};
	char count[CLI_NUMBER_TEXT], question[256];
	bool must_ask;
	int code = cli_confirm_need(cli, &must_ask);

	if (code != CLI_DONE || !must_ask)
		return code;
	code = cli_snapshot_need(cli, &snapshot);
	if (snapshot == NULL)
		return code != CLI_DONE ? code : CLI_WRONG;
	(void)fr_snapshot_facts(snapshot, &facts, NULL); /* a question can do without the number */
	fr_snapshot_close(snapshot);
	(void)snprintf(question, sizeof question,
		       "Delete %s queued %s of app %s, undelivered ones too?",
		       cli_count(count, facts.queued), cli_plural(facts.queued, "event", "events"),
		       cli->home.app);
	return cli_confirm(question);
}

static int deleted_tell(const struct cli *cli, int64_t events)
{
	char count[CLI_NUMBER_TEXT];
	struct fr_error err = {0};
	struct cli_json json;

	if (!cli->json) {
		(void)printf("Deleted %s %s of app %s.\n", cli_count(count, events),
			     cli_plural(events, "event", "events"), cli->home.app);
		return CLI_DONE;
	}
	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_int(&json, "deleted", events);
	cli_json_object_end(&json);
	return cli_json_finish(&json, &err) == FR_OK ? CLI_DONE : cli_failed(&err);
}

static int purge_run(struct cli *cli)
{
	struct fr_queue *queue = NULL;
	struct fr_error err = {0};
	enum fr_status status;
	int64_t events = 0;
	int code = purge_confirm(cli);

	if (code != CLI_DONE)
		return code;
	status = cli_queue_open(cli, &queue, &err);
	if (status == FR_OK)
		status = fr_queue_purge(queue, &events, &err);
	fr_queue_close(queue);
	if (status == FR_NONE)
		cli_nothing_yet(cli);
	if (status == FR_OK || (status == FR_NONE && cli->json))
		return deleted_tell(cli, events);
	return status == FR_NONE ? CLI_DONE : cli_failed(&err);
}

static const struct cli_option purge_options[] = {
	{"yes", 'y', NULL, "do not ask"},
	{0},
};

const struct cli_command cmd_purge = {
	.name = "purge",
	.operands = "",
	.summary = "delete everything recorded",
	.help = "Deletes every event in the queue, undelivered ones, dead letters and damaged\n"
		"copies of the file included. The books stay and say so (dropped: purged).\n"
		"Recording goes on afterwards; to end it: flightrec consent off.\n"
		"\n"
		"Examples:\n"
		"  flightrec purge\n"
		"  flightrec purge --yes --app my-tool",
	.options = purge_options,
	.run = purge_run,
};
