#include "tally.h"

#include <stdio.h>

#include "cli.h"
#include "output.h"
#include "recording.h"

void cli_tally_init(struct cli_tally *tally, const struct cli *cli, int input)
{
	*tally = (struct cli_tally){.cli = cli};
	cli_json_init(&tally->refusals);
	cli_json_array(&tally->refusals, NULL);
	cli_progress_begin(&tally->progress, &cli->env, input);
}

void cli_tally_fini(struct cli_tally *tally)
{
	cli_json_fini(&tally->refusals);
}

void cli_tally_refuse(struct cli_tally *tally, int64_t line, const char *reason)
{
	tally->refused++;
	if (tally->cli->json) {
		cli_json_object(&tally->refusals, NULL);
		cli_json_int(&tally->refusals, "line", line);
		cli_json_string(&tally->refusals, "reason", reason);
		cli_json_object_end(&tally->refusals);
		return;
	}
	cli_progress_clear(&tally->progress);
	cli_complain("line %lld: %s", (long long)line, reason);
}

void cli_tally_doubt(struct cli_tally *tally, int64_t line, const struct fr_error *err)
{
	if (!tally->is_uncertain) {
		cli_progress_clear(&tally->progress);
		cli_complain("line %lld and on: %s", (long long)line, err->text);
	}
	tally->is_uncertain = true;
}

void cli_tally_stop(struct cli_tally *tally, int64_t line, const struct fr_error *why)
{
	tally->stopped_at = line;
	tally->why = *why;
}

static enum fr_status tally_print_json(struct cli_tally *tally, int64_t lines, struct fr_error *err)
{
	struct cli_json json;

	cli_json_array_end(&tally->refusals);
	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_int(&json, "committed", tally->committed);
	cli_json_int(&json, "refused", tally->refused);
	cli_json_int(&json, "lines", lines);
	cli_json_int(&json, "removedProperties", tally->removed);
	cli_json_bool(&json, "uncertain", tally->is_uncertain);
	if (tally->stopped_at > 0) {
		cli_json_object(&json, "stopped");
		cli_json_int(&json, "line", tally->stopped_at);
		cli_json_string(&json, "status", cli_status_word(tally->why.status));
		cli_json_string(&json, "reason", tally->why.text);
		cli_json_object_end(&json);
	} else {
		cli_json_null(&json, "stopped");
	}
	cli_json_raw(&json, "refusals", fr_buffer_text(&tally->refusals.text),
		     tally->refusals.text.length);
	if (tally->refusals.text.status != FR_OK)
		json.text.status = tally->refusals.text.status;
	cli_json_object_end(&json);
	return cli_json_finish(&json, err);
}

static void tally_print(const struct cli_tally *tally)
{
	char committed[CLI_NUMBER_TEXT], refused[CLI_NUMBER_TEXT];

	if (tally->stopped_at > 0)
		cli_complain("stopped: %s; nothing was recorded from line %lld on", tally->why.text,
			     (long long)tally->stopped_at);
	else if (tally->committed + tally->refused == 0)
		cli_complain("there was nothing to record: the input is empty");
	if (tally->removed > 0)
		cli_complain("%lld %s left out of committed events: a key is a letter or _, then "
			     "letters, digits, _ . : -, 64 characters at most",
			     (long long)tally->removed,
			     cli_plural(tally->removed, "property was", "properties were"));
	if (cli_is_given(tally->cli, "quiet") && tally->refused == 0)
		return;
	(void)printf("committed %s %s, refused %s %s\n", cli_count(committed, tally->committed),
		     cli_plural(tally->committed, "event", "events"),
		     cli_count(refused, tally->refused),
		     cli_plural(tally->refused, "line", "lines"));
}

int cli_tally_tell(struct cli_tally *tally, int64_t lines)
{
	enum fr_status why = tally->why.status;
	struct fr_error err = {0};

	cli_progress_clear(&tally->progress);
	if (!tally->cli->json)
		tally_print(tally);
	else if (tally_print_json(tally, lines, &err) != FR_OK)
		return cli_failed(&err);
	if (tally->stopped_at > 0)
		return why == FR_BUSY || why == FR_FULL ? CLI_AGAIN : CLI_WRONG;
	return tally->committed == 0 || tally->refused > 0 || tally->is_uncertain ? CLI_WRONG
										  : CLI_DONE;
}
