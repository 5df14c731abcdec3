/* flightrec record: one event from the command line, or many from standard input
 * (record_lines.c). */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "json_out.h"
#include "recording.h"

/* "key=text" or "key:=json". */
static int operand_take(const struct cli *cli, struct fr_draft *draft, const char *operand)
{
	const char *equals = strchr(operand, '=');
	char key[256];
	size_t length;
	bool is_json;

	if (equals == NULL || equals == operand)
		return cli_misused(cli,
				   "\"%s\" is no property: key=text, or key:=value for numbers, "
				   "true, false, null and other JSON",
				   operand);
	is_json = equals[-1] == ':';
	length = (size_t)(equals - operand) - (is_json ? 1 : 0);
	if (length == 0 || length >= sizeof key)
		return cli_misused(cli, "\"%s\": the key has 1 to 64 characters", operand);
	memcpy(key, operand, length);
	key[length] = '\0';
	if (is_json)
		fr_draft_set_json(draft, key, equals + 1, strlen(equals + 1));
	else
		fr_draft_set_string(draft, key, equals + 1, strlen(equals + 1));
	return CLI_DONE;
}

static int options_take(const struct cli *cli, struct fr_draft *draft)
{
	const char *severity = cli_value(cli, "severity");
	const char *time = cli_value(cli, "time");
	const char *traceparent = cli_value(cli, "traceparent");
	enum fr_severity level;
	struct fr_error err = {0};
	int64_t time_us;

	if (severity != NULL) {
		if (cli_parse_severity("severity", severity, &level, &err) != FR_OK)
			return cli_misused(cli, "%s", err.text);
		fr_draft_set_severity(draft, level);
	}
	if (time != NULL) {
		if (cli_parse_time("time", time, &time_us, &err) != FR_OK)
			return cli_misused(cli, "%s", err.text);
		fr_draft_set_time(draft, time_us);
	}
	if (traceparent != NULL)
		fr_draft_set_traceparent(draft, traceparent);
	return CLI_DONE;
}

static int draft_fill(const struct cli *cli, struct fr_draft *draft)
{
	int code = options_take(cli, draft);

	fr_draft_set_name(draft, cli_operand(cli, 0));
	for (int i = 1; code == CLI_DONE && i < cli_operand_count(cli); i++)
		code = operand_take(cli, draft, cli_operand(cli, i));
	return code;
}

/* The eventId is known once it is committed. */
static enum fr_status event_commit(const struct cli *cli, flightrec *recorder,
				   struct fr_import *event, struct fr_error *err)
{
	enum fr_status status = fr_recorder_ask(recorder, cli_operand(cli, 0),
						cli_is_given(cli, "internal"), &event->pass, err);

	if (status != FR_OK)
		return status;
	status = fr_recorder_finish(recorder, event->draft, &event->pass, err);
	if (status == FR_OK)
		status = fr_recorder_import(recorder, event, 1, err);
	fr_pass_return(recorder, &event->pass);
	return status;
}

static enum fr_status outcome_print_json(const struct fr_import *event, enum fr_status status,
					 const char *reason, struct fr_error *err)
{
	bool is_there = status == FR_OK || status == FR_UNCERTAIN;
	struct cli_json json;

	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_string(&json, "status", cli_status_word(status));
	cli_json_string(&json, "eventId", is_there ? event->uuid : NULL);
	cli_json_string(&json, "consent", !is_there ? NULL : event->pass.sendable ? "on" : "local");
	cli_json_int(&json, "removedProperties", event->draft->removed);
	cli_json_string(&json, "reason", status == FR_OK ? NULL : reason);
	cli_json_object_end(&json);
	return cli_json_finish(&json, err);
}

/* Only OK means that somebody may count on it, and so only OK ends with 0: a script that must not
 * be stopped by somebody's opt-out says `|| true`. */
static int outcome_tell(const struct cli *cli, const flightrec *recorder,
			const struct fr_import *event, struct fr_error *err)
{
	enum fr_status status = err->status;
	const char *reason = cli_refusal(recorder, err);
	struct fr_error fault = {0};

	if (event->draft->removed > 0)
		cli_complain(
			"%u %s left out: a key is a letter or _, then letters, digits, _ . : -, "
			"64 characters at most",
			event->draft->removed,
			event->draft->removed == 1 ? "property was" : "properties were");
	if (cli->json) {
		if (outcome_print_json(event, status, reason, &fault) != FR_OK)
			return cli_failed(&fault);
		return status == FR_OK                          ? CLI_DONE
		       : status == FR_BUSY || status == FR_FULL ? CLI_AGAIN
								: CLI_WRONG;
	}
	if (status == FR_OK) {
		if (!cli_is_given(cli, "quiet"))
			(void)printf("recorded %s%s\n", event->uuid,
				     event->pass.sendable
					     ? ""
					     : " (consent local: it never leaves this machine)");
		return CLI_DONE;
	}
	(void)fr_fail(&fault, status, "%s%s",
		      status == FR_UNCERTAIN ? "" : "not recorded: ", reason);
	return cli_failed(&fault);
}

static int one_record(const struct cli *cli, flightrec *recorder)
{
	struct fr_error err = {0};
	struct fr_draft draft;
	struct fr_import event = {.draft = &draft};
	int code;

	fr_draft_init(&draft, (size_t)recorder->config->queue.max_event_bytes);
	code = draft_fill(cli, &draft);
	if (code == CLI_DONE) {
		err.status = event_commit(cli, recorder, &event, &err);
		code = outcome_tell(cli, recorder, &event, &err);
	}
	fr_draft_fini(&draft);
	return code;
}

static int record_run(struct cli *cli)
{
	flightrec *recorder = NULL;
	bool is_stream = strcmp(cli_operand(cli, 0), "-") == 0;
	int code;

	if (is_stream && cli_operand_count(cli) > 1)
		return cli_misused(cli, "record - reads events from standard input and takes no "
					"properties");
	if (!is_stream && (cli_is_given(cli, "name-field") || cli_is_given(cli, "time-field")))
		return cli_misused(cli, "--name-field and --time-field go with `record -`");
	code = cli_recorder_open(cli, &recorder);
	if (code == CLI_DONE)
		code = is_stream ? cli_record_lines(cli, recorder) : one_record(cli, recorder);
	flightrec_close(recorder);
	return code;
}

static const struct cli_option record_options[] = {
	{"severity", 's', "LEVEL", "trace, debug, info (default), warn, error or fatal"},
	{"time", 't', "WHEN", "when it happened (RFC 3339), else now"},
	{"traceparent", 0, "TEXT", "the W3C trace context that it belongs to"},
	{"internal", 0, NULL, "only where the environment is an insider's, only to internal sinks"},
	{"service", 0, "NAME", "which program it is about, else the config's service"},
	{"service-version", 0, "TEXT", "and which version of it"},
	{"durability", 0, "WORD", "power or process, else the config's"},
	{"name-field", 0, "KEY", "record -: which member is the event's name (default eventName)"},
	{"time-field", 0, "KEY", "record -: which member is its time (default eventTime)"},
	{"quiet", 'q', NULL, "say nothing when all went well"},
	{0},
};

const struct cli_command cmd_record = {
	.name = "record",
	.operands = "NAME [KEY=TEXT | KEY:=JSON ...]  or  record -",
	.summary = "record one event, or NDJSON from standard input",
	.help = "Records one event; when it says so, the event is committed. KEY=TEXT is a\n"
		"string, KEY:=JSON a number, true, false, null or any other JSON. `record -`\n"
		"reads one JSON object a line and goes on behind a bad one, which it names;\n"
		"--severity and --time then are for those that do not say. The owner's consent\n"
		"holds here as everywhere: under `off` nothing is recorded. Exits 0 only when\n"
		"everything was committed, 1 when something was refused, 75 when trying again\n"
		"later may help.\n"
		"\n"
		"Examples:\n"
		"  flightrec record tool_use_error toolName=edit_file duration:=450 -s error\n"
		"  my-program --json | flightrec record - --name-field msg --time-field ts\n"
		"  GIT_TRACE2_EVENT=/tmp/git.ndjson git status\n"
		"  flightrec record - --name-field event --time-field time < /tmp/git.ndjson",
	.options = record_options,
	.least = 1,
	.most = -1,
	.run = record_run,
};
