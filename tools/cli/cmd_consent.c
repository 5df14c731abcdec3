/* flightrec consent: the owner's switch.
 *
 * For `off` the choice comes first, so that nothing more is recorded; then the agent is told to
 * let go; then the queue is deleted. What cannot be deleted at once is said, with 75: nothing
 * records into it any more, and calling again goes on where this ended. On a full disk the queue
 * goes first, to make room for the choice, and again behind it.
 */
#include <stdio.h>
#include <string.h>

#include "agent_client.h"
#include "app_list.h"
#include "base/file.h"
#include "cli.h"
#include "client/notice.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "privacy/identity.h"
#include "status.h"

/* For `off` all waiting together stays under a second. */
enum {
	DELETE_WAIT_MS = 700,
	LET_GO_WAIT_MS = 250,
	RELOAD_WAIT_MS = 1000,
	COUNT_BYTES_MAX = 128 * 1024 * 1024,
};

/* What was deleted, and how to tell it. */
struct deletion {
	struct cli_json *json;
	bool is_one_of_many; /* apps */
	bool is_done;
	int64_t events; /* -1: not counted, the queue was too large for that or damaged */
	int64_t bytes;
	unsigned files;
};

/* ---- off ---- */

static int64_t queue_bytes(const struct cli *cli)
{
	static const char *const names[] = {"queue.db", "queue.db-wal", "queue.db-shm"};
	char path[FR_PATH_MAX];
	int64_t bytes = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (fr_path_join(path, cli->home.path, names[i], NULL) == FR_OK)
			bytes += fr_file_size(path);
	}
	return bytes;
}

static int64_t events_count(const struct cli *cli, int64_t bytes)
{
	struct fr_snapshot *snapshot = NULL;
	struct fr_queue_facts facts = {0};
	int64_t events = bytes > 0 ? -1 : 0;

	if (bytes == 0 || bytes > COUNT_BYTES_MAX)
		return events;
	if (cli_snapshot_open(cli, &snapshot, NULL) == FR_OK &&
	    fr_snapshot_facts(snapshot, &facts, NULL) == FR_OK)
		events = facts.queued;
	fr_snapshot_close(snapshot);
	return events;
}

static enum fr_status everything_delete(const struct cli *cli, struct deletion *deletion,
					struct fr_error *err)
{
	enum fr_status status;

	deletion->bytes = queue_bytes(cli);
	deletion->events = events_count(cli, deletion->bytes);
	status = fr_queue_unlink(cli->home.path, &cli->env, DELETE_WAIT_MS, &deletion->files, err);
	if (status == FR_OK)
		status = fr_identity_forget(cli->home.path, err);
	if (status == FR_OK)
		status = fr_notice_forget(cli->home.path, err);
	deletion->is_done = status == FR_OK;
	return status;
}

static void deletion_add(struct deletion *deletion, const struct deletion *earlier)
{
	if (deletion->events >= 0)
		deletion->events = earlier->events < 0 ? -1 : deletion->events + earlier->events;
	deletion->bytes += earlier->bytes;
	deletion->files += earlier->files;
}

static void deletion_print(const struct deletion *deletion)
{
	char count[CLI_NUMBER_TEXT], bytes[CLI_NUMBER_TEXT];

	if (deletion->files == 0) {
		(void)puts("There was no queue to delete.");
		return;
	}
	if (deletion->events >= 0)
		(void)printf("Deleted %s %s", cli_count(count, deletion->events),
			     cli_plural(deletion->events, "event", "events"));
	else
		(void)fputs("Deleted all events", stdout);
	(void)printf(" (%s, %u %s).\n", cli_bytes(bytes, deletion->bytes), deletion->files,
		     cli_plural(deletion->files, "file", "files"));
}

/* ---- any level ---- */

static void decision_add_json(const struct cli *cli, const struct deletion *deletion)
{
	struct cli_status status = {.cli = cli};
	struct cli_json *json = deletion->json;

	(void)fr_config_load(&status.config, &cli->home, FR_CONFIG_LIBRARY, &cli->env,
			     &status.config_fault);
	(void)cli_consent_decide(cli, &status.consent, &status.consent_fault);
	cli_json_object(json, NULL);
	if (deletion->is_one_of_many)
		cli_json_string(json, "app", cli->home.app);
	cli_consent_add_json(json, &status);
	if (deletion->is_done) {
		cli_json_object(json, "deleted");
		if (deletion->events >= 0)
			cli_json_int(json, "events", deletion->events);
		else
			cli_json_null(json, "events");
		cli_json_int(json, "bytes", deletion->bytes);
		cli_json_int(json, "files", deletion->files);
		cli_json_object_end(json);
	}
	cli_json_object_end(json);
	fr_config_free(status.config);
}

static int decision_tell(const struct cli *cli, const struct deletion *deletion)
{
	struct fr_consent_decision consent;
	struct fr_error fault = {0};
	enum fr_status decided = cli_consent_decide(cli, &consent, &fault);

	if (cli->json) {
		decision_add_json(cli, deletion);
		return decided == FR_OK ? CLI_DONE : CLI_WRONG;
	}
	(void)printf("%s%s%s\n", deletion->is_one_of_many ? cli->home.app : "",
		     deletion->is_one_of_many ? ": " : "", consent.why);
	if (consent.has_choice && consent.choice > consent.level)
		cli_complain("you chose %s, and something stricter holds here: flightrec status "
			     "--why",
			     fr_consent_name(consent.choice));
	if (deletion->is_done)
		deletion_print(deletion);
	if (decided == FR_OK)
		return CLI_DONE;
	if (!cli_consent_says(&consent, &fault))
		cli_complain("%s", fault.text);
	return CLI_WRONG;
}

/* An agent that does not hear it now learns of it at its next look. */
static void agent_tell(const struct cli *cli, int wait_ms)
{
	struct cli_answer answer;
	struct fr_error err = {0};
	enum fr_status status =
		cli_agent_ask(cli->home.path, &cli->env, "POST /reload", wait_ms, &answer, &err);

	if (status != FR_OK && status != FR_NONE)
		cli_complain("the choice is stored, but the agent was not told: %s", err.text);
	cli_answer_fini(&answer);
}

/* Makes the choice and tells what came of it in the way that `how` says. */
static int choice_make(const struct cli *cli, enum fr_consent level, const struct deletion *how)
{
	struct deletion deletion = *how, room = {0};
	struct fr_error err = {0};
	enum fr_status status;

	status = fr_consent_choose(cli->home.path, level, &cli->env, &err);
	if (status == FR_FULL && level == FR_CONSENT_OFF &&
	    everything_delete(cli, &room, &err) == FR_OK)
		status = fr_consent_choose(cli->home.path, level, &cli->env, &err);
	if (status != FR_OK)
		return cli_failed(&err);
	agent_tell(cli, level == FR_CONSENT_OFF ? LET_GO_WAIT_MS : RELOAD_WAIT_MS);
	if (level == FR_CONSENT_OFF && everything_delete(cli, &deletion, &err) != FR_OK) {
		cli_complain("nothing is recorded any more, but the queue is still there");
		return cli_failed(&err);
	}
	deletion_add(&deletion, &room);
	return decision_tell(cli, &deletion);
}

/* ---- one app, or all ---- */

/* An app that fails does not keep the others from being asked. */
static int all_ask(const struct cli *cli, const enum fr_consent *level, struct cli_json *json)
{
	const struct deletion how = {.json = json, .is_one_of_many = true};
	struct fr_error err = {0};
	struct cli_apps apps;
	enum fr_status status = cli_apps_read(&apps, cli, &err);
	int worst = status == FR_OK ? CLI_DONE : cli_failed(&err);

	for (size_t i = 0; status == FR_OK && i < apps.count; i++) {
		struct cli one;
		int code;

		if (cli_app_take(&one, cli, &apps, i, &err) != FR_OK)
			code = cli_failed(&err);
		else
			code = level != NULL ? choice_make(&one, *level, &how)
					     : decision_tell(&one, &how);
		worst = code > worst ? code : worst;
	}
	if (status == FR_OK && apps.count == 0 && !cli->json)
		cli_complain("no app has recorded anything yet in %s", apps.root);
	cli_apps_fini(&apps);
	return worst;
}

static int consent_ask(const struct cli *cli, const enum fr_consent *level, struct cli_json *json)
{
	const struct deletion how = {.json = json};
	int code;

	if (!cli_is_given(cli, "all"))
		return level != NULL ? choice_make(cli, *level, &how) : decision_tell(cli, &how);
	cli_json_array(json, NULL);
	code = all_ask(cli, level, json);
	cli_json_array_end(json);
	return code;
}

static int consent_run(struct cli *cli)
{
	const char *word = cli_operand(cli, 0);
	struct fr_error err = {0};
	struct cli_json json;
	enum fr_consent level;
	int code;

	if (word != NULL && !fr_consent_parse(word, &level))
		return cli_misused(cli, "consent \"%s\": on, local or off", word);
	if (cli_is_given(cli, "all") &&
	    (cli_value(cli, "app") != NULL || cli_value(cli, "home") != NULL))
		return cli_misused(cli, "consent --all: it takes no --app and no --home");
	cli_json_init(&json);
	code = consent_ask(cli, word != NULL ? &level : NULL, &json);
	if (cli->json && json.text.length > 0 && cli_json_print(&json, &err) != FR_OK)
		code = cli_failed(&err);
	cli_json_fini(&json);
	return code;
}

static const struct cli_option consent_options[] = {
	{"all", 0, NULL, "every app that has a home below the default place"},
	{NULL, 0, NULL, NULL},
};

const struct cli_command cmd_consent = {
	.name = "consent",
	.operands = "[on | local | off]",
	.options = consent_options,
	.summary = "your choice: send, keep here, or record nothing",
	.help = "on     events are recorded and sent to the sinks of the config\n"
		"local  events are recorded and never leave this machine, not even after a\n"
		"       later `on`\n"
		"off    nothing is recorded; the queue and your random identity are deleted\n"
		"       within a second\n"
		"\n"
		"Without a word it says what holds and who decided. The choice is the owner's\n"
		"and goes over every program's default; DO_NOT_TRACK, FLIGHTREC_CONSENT, the\n"
		"machine's policy and the config can only make it stricter: flightrec status\n"
		"--why.\n"
		"\n"
		"With --all it is said for every app that is there now. One that records on this\n"
		"machine for the first time begins with its own default; DO_NOT_TRACK=1 in the\n"
		"environment switches all of them off, now and later.\n"
		"\n"
		"Examples:\n"
		"  flightrec consent\n"
		"  flightrec consent on --app my-tool\n"
		"  flightrec consent off\n"
		"  flightrec consent off --all",
	.most = 1,
	.run = consent_run,
};
