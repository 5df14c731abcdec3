/* flightrec dead retry and purge: find the letters that are meant, then do it by their numbers, a
 * bounded number in each transaction.
 *
 * A retry is asked for, not made: the sink's courier sends the letters when it is their turn. What
 * could never be sent is told here rather than found out by nobody: the consent, the config and
 * the sink's list are looked at first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_client.h"
#include "client/wake.h"
#include "cli.h"
#include "confirm.h"
#include "dead.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "queue/dead.h"
#include "sink/sink.h"

enum { TOLD_MOST = 20 }; /* letters that cannot be sent, one by one */

/* The letters that are meant. */
struct choice {
	const struct cli *cli;
	const struct fr_config *config; /* of a retry; NULL: whatever the config says */
	int64_t *ids;
	size_t count, capacity;
	size_t refused; /* those that cannot be sent, or are not there */
	bool is_short;  /* of memory */
};

/* ---- which ---- */

static const struct fr_sink_settings *settings_of(const struct choice *choice, const char *sink)
{
	for (size_t i = 0; i < choice->config->sink_count; i++)
		if (strcmp(choice->config->sinks[i].name, sink) == 0)
			return &choice->config->sinks[i];
	return NULL;
}

/* Why this letter could not be sent; NULL: it could. Of a bundle each event is judged when it is
 * sent. */
static const char *obstacle_of(const struct choice *choice, const struct fr_letter *letter)
{
	const struct fr_sink_settings *settings;

	if (letter->sink_has_ended)
		return "was removed: there is nobody to send it to";
	settings = settings_of(choice, letter->sink);
	if (settings == NULL)
		return "is not in the config any more";
	if (letter->bundle == 0 && !fr_sink_may_send(settings, &letter->event, letter->event.route))
		return "does not take such events any more (its list, severity or audience)";
	return NULL;
}

static bool choice_grow(struct choice *choice)
{
	size_t capacity = choice->capacity > 0 ? choice->capacity * 2 : 256;
	int64_t *ids = realloc(choice->ids, capacity * sizeof *ids);

	choice->is_short = ids == NULL;
	if (ids == NULL)
		return false;
	choice->ids = ids;
	choice->capacity = capacity;
	return true;
}

static bool on_letter(void *context, const struct fr_letter *letter)
{
	struct choice *choice = context;
	const char *obstacle = choice->config != NULL ? obstacle_of(choice, letter) : NULL;

	if (obstacle != NULL) {
		if (choice->refused++ < TOLD_MOST)
			cli_complain("letter %lld stays: sink %s %s", (long long)letter->id,
				     letter->sink, obstacle);
		return true;
	}
	if (choice->count == choice->capacity && !choice_grow(choice))
		return false;
	choice->ids[choice->count++] = letter->id;
	return true;
}

static bool on_first(void *context, const struct fr_letter *letter)
{
	(void)on_letter(context, letter);
	return false; /* the other events of a bundle go with it */
}

static int named_find(struct choice *choice, struct fr_snapshot *snapshot, struct fr_error *err)
{
	const struct cli *cli = choice->cli;

	for (int i = 1; i < cli_operand_count(cli); i++) {
		size_t before = choice->count + choice->refused;
		int64_t id = 0;
		int code = dead_id_parse(cli, cli_operand(cli, i), &id);

		if (code != CLI_DONE)
			return code;
		if (fr_snapshot_letter(snapshot, id, on_first, choice, err) != FR_OK)
			return cli_failed(err);
		if (choice->count + choice->refused > before || choice->is_short)
			continue;
		cli_complain("no dead letter %lld: it was delivered or purged, or never was",
			     (long long)id);
		choice->refused++;
	}
	return CLI_DONE;
}

/* By IDs, by a filter, or all; but never all because nothing was said. */
static int words_check(const struct cli *cli)
{
	static const char *const filters[] = {"all", "sink", "name", "since", "before"};
	bool is_filtered = false, by_id = cli_operand_count(cli) > 1;

	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		is_filtered = is_filtered || cli_is_given(cli, filters[i]);
	if (by_id && is_filtered)
		return cli_misused(cli, "IDs, or options that say which, not both");
	if (!by_id && !is_filtered)
		return cli_misused(cli, "which letters: IDs, --sink, --name, --since, --before, or "
					"--all");
	return CLI_DONE;
}

static int choice_find(struct choice *choice, struct fr_snapshot *snapshot, struct fr_error *err)
{
	const struct cli *cli = choice->cli;
	struct fr_letter_filter filter;
	int code;

	if (cli_operand_count(cli) > 1)
		return named_find(choice, snapshot, err);
	code = dead_filter_parse(cli, &filter);
	if (code != CLI_DONE)
		return code;
	if (fr_snapshot_letters(snapshot, &filter, on_letter, choice, err) != FR_OK)
		return cli_failed(err);
	return CLI_DONE;
}

static int choice_make(struct choice *choice)
{
	struct fr_snapshot *snapshot = NULL;
	struct fr_error err = {0};
	int code = cli_snapshot_need(choice->cli, &snapshot);

	if (snapshot == NULL)
		return code;
	code = choice_find(choice, snapshot, &err);
	fr_snapshot_close(snapshot);
	if (code == CLI_DONE && choice->is_short) {
		(void)fr_fail(&err, FR_NOMEM, "%s", fr_status_text(FR_NOMEM));
		return cli_failed(&err);
	}
	return code;
}

/* ---- what came of it ---- */

static int tally_tell_json(const char *done, const struct fr_dead_tally *tally, size_t refused)
{
	struct fr_error err = {0};
	struct cli_json json;

	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_int(&json, done, (int64_t)tally->letters);
	cli_json_int(&json, "events", tally->events);
	cli_json_int(&json, "refused", tally->lost);
	cli_json_int(&json, "sending", (int64_t)tally->busy);
	cli_json_int(&json, "left", (int64_t)(refused + tally->gone + tally->ended));
	cli_json_object_end(&json);
	return cli_json_finish(&json, &err) == FR_OK ? CLI_DONE : cli_failed(&err);
}

/* "Deleted 3 dead letters" and so on; nothing done although something was meant is a failure. */
static int tally_tell(const struct choice *choice, const char *done, const char *words,
		      const struct fr_dead_tally *tally)
{
	size_t left = choice->refused + tally->gone + tally->ended;
	int64_t letters = (int64_t)tally->letters;
	char count[CLI_NUMBER_TEXT];
	int code = CLI_DONE;

	if (choice->cli->json) {
		code = tally_tell_json(done, tally, choice->refused);
	} else if (choice->count + choice->refused == 0) {
		(void)fputs("No dead letters.\n", stderr);
	} else if (letters > 0) {
		(void)printf("%s %s %s.\n", cli_count(count, letters),
			     cli_plural(letters, "dead letter", "dead letters"), words);
	}
	if (tally->busy > 0 && !choice->cli->json)
		cli_complain("%s %s: the answer decides", cli_count(count, (int64_t)tally->busy),
			     tally->busy == 1 ? "is being sent again just now"
					      : "are being sent again just now");
	if (left > TOLD_MOST)
		cli_complain("%s letters stay in all", cli_count(count, (int64_t)left));
	return code == CLI_DONE && left > 0 ? CLI_WRONG : code;
}

/* ---- retry ---- */

static int retry_may(const struct cli *cli)
{
	struct fr_consent_decision consent;
	struct fr_error err = {0};

	(void)cli_consent_decide(cli, &consent, &err);
	if (consent.level == FR_CONSENT_ON)
		return CLI_DONE;
	cli_complain("nothing may be sent, so nothing is sent again: %s", consent.why);
	return CLI_WRONG;
}

static void agent_wake(const struct cli *cli, bool is_told)
{
	struct fr_wake wake;
	bool is_heard;

	fr_wake_init(&wake, cli->home.path, &cli->env);
	is_heard = fr_wake_say(&wake, FR_WAKE_LOOK);
	fr_wake_fini(&wake);
	if (!is_heard && is_told)
		cli_complain("no agent is running that could send them: start flightrecd");
}

static int retry_do(struct choice *choice)
{
	const struct cli *cli = choice->cli;
	struct fr_dead_tally tally = {0};
	struct fr_queue *queue = NULL;
	struct fr_error err = {0};
	enum fr_status status = FR_NONE;
	int code;

	if (choice->count > 0)
		status = cli_queue_open(cli, &queue, &err);
	if (status == FR_OK)
		status = fr_dead_ask(queue, choice->ids, choice->count, &tally, &err);
	fr_queue_close(queue);
	code = tally_tell(choice, "asked", "will be sent again", &tally);
	if (tally.letters > 0)
		agent_wake(cli, !cli->json);
	return status == FR_OK || status == FR_NONE ? code : cli_failed(&err);
}

int dead_retry(const struct cli *cli)
{
	struct choice choice = {.cli = cli};
	struct fr_config *config = NULL;
	struct fr_error err = {0};
	int code = words_check(cli);

	if (code == CLI_DONE)
		code = retry_may(cli);
	if (code != CLI_DONE)
		return code;
	if (fr_config_load(&config, &cli->home, FR_CONFIG_STRICT, &cli->env, &err) != FR_OK)
		return cli_failed(&err);
	choice.config = config;
	code = choice_make(&choice);
	if (code == CLI_DONE)
		code = retry_do(&choice);
	free(choice.ids);
	fr_config_free(config);
	return code;
}

/* ---- purge ---- */

static int purge_confirm(const struct choice *choice)
{
	int64_t letters = (int64_t)choice->count;
	char question[256], count[CLI_NUMBER_TEXT];
	bool must_ask;
	int code = cli_confirm_need(choice->cli, &must_ask);

	if (code != CLI_DONE || !must_ask || letters == 0)
		return code;
	(void)snprintf(question, sizeof question, "Delete %s %s of app %s?",
		       cli_count(count, letters),
		       cli_plural(letters, "dead letter", "dead letters"), choice->cli->home.app);
	return cli_confirm(question);
}

static int purge_do(struct choice *choice)
{
	struct fr_dead_tally tally = {0};
	struct fr_queue *queue = NULL;
	struct fr_error err = {0};
	enum fr_status status = FR_NONE;
	int code;

	if (choice->count > 0)
		status = cli_queue_open(choice->cli, &queue, &err);
	if (status == FR_OK)
		status = fr_dead_purge(queue, choice->ids, choice->count, &tally, &err);
	fr_queue_close(queue);
	code = tally_tell(choice, "deleted", "deleted", &tally);
	if (code == CLI_DONE && tally.busy > 0)
		code = CLI_AGAIN;
	return status == FR_OK || status == FR_NONE ? code : cli_failed(&err);
}

int dead_purge(const struct cli *cli)
{
	struct choice choice = {.cli = cli};
	int code = words_check(cli);

	if (code == CLI_DONE)
		code = choice_make(&choice);
	if (code == CLI_DONE)
		code = purge_confirm(&choice);
	if (code == CLI_DONE)
		code = purge_do(&choice);
	free(choice.ids);
	return code;
}
