/* flightrec verify: is the file sound, and do the books add up. A plan first; changes only with
 * --repair. */
#include <stdio.h>

#include "base/text.h"
#include "cli.h"
#include "json_out.h"
#include "look.h"
#include "output.h"

struct verification {
	const struct cli *cli;
	struct cli_json findings;
	unsigned found; /* in the last check */
	bool was_repaired;
	char incident[256];
	int64_t events;
};

static void on_finding(void *context, const char *sentence)
{
	struct verification *verification = context;

	cli_json_string(&verification->findings, NULL, sentence);
	if (!verification->cli->json)
		cli_complain("%s", sentence);
}

/* A file that cannot even be opened as a database is a finding, too. FR_NONE: there is no queue. */
static enum fr_status queue_check(struct verification *verification, struct fr_error *err)
{
	struct fr_queue_facts facts = {0};
	struct fr_snapshot *snapshot = NULL;
	enum fr_status status = cli_snapshot_open(verification->cli, &snapshot, err);

	verification->found = 0;
	if (status == FR_OK)
		status = fr_snapshot_verify(snapshot, on_finding, verification,
					    &verification->found, err);
	if (status == FR_OK && verification->found == 0)
		status = fr_snapshot_facts(snapshot, &facts, err);
	fr_snapshot_close(snapshot);
	if (status == FR_CORRUPT) {
		verification->found++;
		on_finding(verification, err->text);
		status = FR_OK;
	}
	verification->events = facts.queued;
	return status;
}

/* An opening that met the damage has mended it already. */
static enum fr_status queue_repair(struct verification *verification, struct fr_error *err)
{
	struct fr_queue *queue = NULL;
	enum fr_status status = cli_queue_open(verification->cli, &queue, err);

	if (status == FR_OK && fr_queue_incident(queue)[0] == '\0')
		status = fr_queue_repair(queue, err);
	if (status == FR_OK) {
		verification->was_repaired = true;
		(void)fr_text_copy(verification->incident, sizeof verification->incident,
				   fr_queue_incident(queue));
	}
	fr_queue_close(queue);
	return status;
}

static void plan_print(const struct verification *verification)
{
	(void)fprintf(
		stderr,
		"What --repair would do: move queue.db aside to queue.db.damaged-TIME, carry over\n"
		"what can be read of it into a new queue.db, and book what is missing as dropped\n"
		"(damaged). Events that were recorded, batches and retry state are kept. Nothing "
		"was\n"
		"changed now: flightrec verify --repair --app %s\n",
		verification->cli->home.app);
}

static int outcome_tell(struct verification *verification)
{
	char count[CLI_NUMBER_TEXT];
	struct fr_error err = {0};
	struct cli_json json;

	cli_json_array_end(&verification->findings);
	if (verification->cli->json) {
		cli_json_init(&json);
		cli_json_object(&json, NULL);
		cli_json_bool(&json, "ok", verification->found == 0);
		cli_json_bool(&json, "repaired", verification->was_repaired);
		cli_json_string(&json, "incident",
				verification->was_repaired ? verification->incident : NULL);
		cli_json_raw(&json, "findings", fr_buffer_text(&verification->findings.text),
			     verification->findings.text.length);
		cli_json_object_end(&json);
		if (cli_json_finish(&json, &err) != FR_OK)
			return cli_failed(&err);
		return verification->found == 0 ? CLI_DONE : CLI_WRONG;
	}
	if (verification->was_repaired)
		(void)printf("Repaired: %s\n", verification->incident);
	if (verification->found > 0) {
		if (!verification->was_repaired)
			plan_print(verification);
		return CLI_WRONG;
	}
	(void)printf("Sound: the file holds together and the books add up, with %s %s queued.\n",
		     cli_count(count, verification->events),
		     cli_plural(verification->events, "event", "events"));
	return CLI_DONE;
}

static int verify_run(struct cli *cli)
{
	struct verification verification = {.cli = cli};
	struct fr_error err = {0};
	enum fr_status status;
	int code;

	cli_json_init(&verification.findings);
	cli_json_array(&verification.findings, NULL);
	status = queue_check(&verification, &err);
	if (status == FR_OK && verification.found > 0 && cli_is_given(cli, "repair")) {
		status = queue_repair(&verification, &err);
		if (status == FR_OK)
			status = queue_check(&verification, &err);
	}
	if (status == FR_NONE)
		cli_nothing_yet(cli);
	code = status == FR_OK || (status == FR_NONE && cli->json) ? outcome_tell(&verification)
	       : status == FR_NONE                                 ? CLI_DONE
								   : cli_failed(&err);
	cli_json_fini(&verification.findings);
	return code;
}

static const struct cli_option verify_options[] = {
	{"repair", 0, NULL, "mend what was found"},
	{0},
};

const struct cli_command cmd_verify = {
	.name = "verify",
	.operands = "",
	.summary = "is the file sound, do the books add up",
	.help = "Checks the queue file's integrity and recomputes the books from the rows: for\n"
		"every sink, what was committed must be delivered, queued, dead, dropped or\n"
		"unwanted. Changes nothing; what was found is listed with the plan of a repair,\n"
		"and --repair carries it out. Exits 1 when something is (still) wrong.\n"
		"\n"
		"Examples:\n"
		"  flightrec verify\n"
		"  flightrec verify --repair",
	.options = verify_options,
	.run = verify_run,
};
