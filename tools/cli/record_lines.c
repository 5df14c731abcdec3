/* flightrec record -: one JSON object a line, many to a transaction.
 *
 * The happy path: a line becomes a draft, consent lets it pass, it joins the batch; a full batch
 * is committed, and so is a part of one before the input is waited for: what a living program
 * wrote is safe when it pauses.
 *
 * Failures: a bad line is named and left out. A batch that fails is tried again event by event,
 * so that one that does not fit does not take the others with it. When the machine's side fails
 * (disk, lock, a full queue) or consent is withdrawn, reading stops, and the first line that was
 * not recorded is named: the rest can be recorded later.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli.h"
#include "json_out.h"
#include "lines.h"
#include "output.h"
#include "progress.h"
#include "recording.h"

enum {
	BATCH_EVENTS = 500,
	BATCH_BYTES = 1024 * 1024,
	LINE_BYTES_LEAST = 1024 * 1024,
	LINE_SHARE = 8, /* escapes and white space may take more room than what they mean */
};

struct recording {
	const struct cli *cli;
	flightrec *recorder;
	struct cli_lines lines;
	struct cli_progress progress;
	struct fr_draft_fields fields;
	size_t event_bytes;
	bool has_severity, has_time, is_internal;
	enum fr_severity severity; /* for those that do not say */
	int64_t time_us;

	struct fr_import events[BATCH_EVENTS];
	struct fr_draft drafts[BATCH_EVENTS];
	int64_t numbers[BATCH_EVENTS]; /* of their lines */
	unsigned count;
	size_t bytes;

	int64_t committed, refused, blank, removed;
	bool is_uncertain;
	int64_t stopped_at;  /* first line that was neither committed nor refused; 0: none */
	struct fr_error why; /* we stopped */
	struct cli_json refusals;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	interrupted = signal_number;
}

/* ---- what is refused ---- */

static void line_refuse(struct recording *recording, int64_t number, const char *reason)
{
	recording->refused++;
	if (recording->cli->json) {
		cli_json_object(&recording->refusals, NULL);
		cli_json_int(&recording->refusals, "line", number);
		cli_json_string(&recording->refusals, "reason", reason);
		cli_json_object_end(&recording->refusals);
		return;
	}
	cli_progress_clear(&recording->progress);
	cli_complain("line %lld: %s", (long long)number, reason);
}

static void recording_stop(struct recording *recording, int64_t number, const struct fr_error *why)
{
	recording->stopped_at = number;
	recording->why = *why;
	if (why->status == FR_OFF)
		(void)fr_fail(&recording->why, FR_OFF, "%s", cli_refusal(recording->recorder, why));
}

/* Neither the event's fault nor a rule about it: what comes behind it would fare no better. */
static bool is_end_of_it(enum fr_status status)
{
	return status == FR_OFF || status == FR_NOT_INTERNAL || status == FR_NOMEM ||
	       (status >= FR_FULL && status != FR_UNCERTAIN);
}

/* ---- batches ---- */

static enum fr_status events_import(struct recording *recording, unsigned first, unsigned count,
				    struct fr_error *err)
{
	enum fr_status status =
		fr_recorder_import(recording->recorder, recording->events + first, count, err);

	if (status == FR_UNCERTAIN && !recording->is_uncertain) {
		cli_progress_clear(&recording->progress);
		cli_complain("line %lld and on: %s", (long long)recording->numbers[first],
			     err->text);
	}
	recording->is_uncertain = recording->is_uncertain || status == FR_UNCERTAIN;
	if (status == FR_OK || status == FR_UNCERTAIN) {
		recording->committed += count;
		for (unsigned i = first; i < first + count; i++)
			recording->removed += recording->events[i].draft->removed;
		return FR_OK;
	}
	return status;
}

static void events_import_singly(struct recording *recording)
{
	for (unsigned i = 0; i < recording->count; i++) {
		struct fr_error err = {0};
		enum fr_status status = events_import(recording, i, 1, &err);

		if (is_end_of_it(status)) {
			recording_stop(recording, recording->numbers[i], &err);
			return;
		}
		if (status != FR_OK)
			line_refuse(recording, recording->numbers[i], err.text);
	}
}

static void batch_commit(struct recording *recording)
{
	struct fr_error err = {0};
	enum fr_status status;

	if (recording->count == 0)
		return;
	status = events_import(recording, 0, recording->count, &err);
	if (status == FR_BUSY || status == FR_OFF)
		recording_stop(recording, recording->numbers[0], &err);
	else if (status != FR_OK)
		events_import_singly(recording);
	for (unsigned i = 0; i < recording->count; i++) {
		fr_pass_return(recording->recorder, &recording->events[i].pass);
		fr_draft_fini(&recording->drafts[i]);
	}
	recording->count = 0;
	recording->bytes = 0;
	cli_progress_show(&recording->progress, recording->committed, recording->refused,
			  recording->lines.bytes);
}

/* ---- lines ---- */

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0')
			return false;
	}
	return true;
}

static enum fr_status draft_make(struct recording *recording, struct fr_draft *draft,
				 struct fr_pass *pass, const char *text, size_t length,
				 struct fr_error *err)
{
	enum fr_status status;

	fr_draft_parse(draft, text, length, &recording->fields);
	if (recording->has_severity && !draft->has_severity)
		fr_draft_set_severity(draft, recording->severity);
	if (recording->has_time && draft->time_us == 0)
		fr_draft_set_time(draft, recording->time_us);
	status = fr_draft_finish(draft, NULL, 0, err);
	if (status == FR_OK)
		status = fr_recorder_ask(recording->recorder, draft->name, recording->is_internal,
					 pass, err);
	return status;
}

static void line_take(struct recording *recording, const char *text, size_t length)
{
	struct fr_draft *draft = &recording->drafts[recording->count];
	struct fr_import *event = &recording->events[recording->count];
	int64_t number = recording->lines.number;
	struct fr_error err = {0};
	enum fr_status status;

	if (number == 1 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3; /* a byte order mark, as some editors leave it */
		length -= 3;
	}
	if (is_blank(text, length)) {
		recording->blank++;
		return;
	}
	fr_draft_init(draft, recording->event_bytes);
	status = draft_make(recording, draft, &event->pass, text, length, &err);
	if (status == FR_OK) {
		event->draft = draft;
		recording->numbers[recording->count++] = number;
		recording->bytes += draft->properties.length;
		return;
	}
	fr_draft_fini(draft);
	if (is_end_of_it(status)) {
		batch_commit(recording);
		if (recording->stopped_at == 0)
			recording_stop(recording, number, &err);
	} else {
		line_refuse(recording, number, err.text);
	}
}

static void line_too_long(struct recording *recording)
{
	char limit[CLI_NUMBER_TEXT], most[CLI_NUMBER_TEXT], text[160];

	(void)snprintf(text, sizeof text, "longer than %s, skipped (an event has at most %s)",
		       cli_bytes(limit, (int64_t)recording->lines.limit),
		       cli_bytes(most, (int64_t)recording->event_bytes));
	line_refuse(recording, recording->lines.number, text);
}

static void interrupt_note(struct recording *recording)
{
	struct fr_error err = {0};

	(void)fr_fail(&err, FR_OK, "interrupted");
	recording_stop(recording, recording->lines.number + 1, &err);
}

static void lines_take(struct recording *recording)
{
	struct fr_error err = {0};
	const char *text = NULL;
	size_t length = 0;

	while (recording->stopped_at == 0) {
		bool may_wait = recording->count == 0;

		switch (cli_lines_next(&recording->lines, may_wait, &text, &length, &err)) {
		case CLI_LINE:
			line_take(recording, text, length);
			break;
		case CLI_LINE_TOO_LONG:
			line_too_long(recording);
			break;
		case CLI_LINE_LATER:
			batch_commit(recording);
			continue;
		case CLI_LINE_END:
			batch_commit(recording);
			if (interrupted != 0 && recording->stopped_at == 0)
				interrupt_note(recording);
			return;
		case CLI_LINE_FAILED:
			batch_commit(recording);
			recording_stop(recording, recording->lines.number + 1, &err);
			return;
		}
		if (recording->count == BATCH_EVENTS || recording->bytes >= BATCH_BYTES)
			batch_commit(recording);
	}
}

/* ---- the end ---- */

static enum fr_status summary_print_json(struct recording *recording, struct fr_error *err)
{
	struct cli_json json;

	cli_json_array_end(&recording->refusals);
	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_int(&json, "committed", recording->committed);
	cli_json_int(&json, "refused", recording->refused);
	cli_json_int(&json, "lines", recording->lines.number);
	cli_json_int(&json, "removedProperties", recording->removed);
	cli_json_bool(&json, "uncertain", recording->is_uncertain);
	if (recording->stopped_at > 0) {
		cli_json_object(&json, "stopped");
		cli_json_int(&json, "line", recording->stopped_at);
		cli_json_string(&json, "status", cli_status_word(recording->why.status));
		cli_json_string(&json, "reason", recording->why.text);
		cli_json_object_end(&json);
	} else {
		cli_json_null(&json, "stopped");
	}
	cli_json_raw(&json, "refusals", fr_buffer_text(&recording->refusals.text),
		     recording->refusals.text.length);
	if (recording->refusals.text.status != FR_OK)
		json.text.status = recording->refusals.text.status;
	cli_json_object_end(&json);
	return cli_json_finish(&json, err);
}

static void summary_print(const struct recording *recording)
{
	char committed[CLI_NUMBER_TEXT], refused[CLI_NUMBER_TEXT];

	if (recording->stopped_at > 0)
		cli_complain("stopped: %s; nothing was recorded from line %lld on",
			     recording->why.text, (long long)recording->stopped_at);
	else if (recording->committed + recording->refused == 0)
		cli_complain("there was nothing to record: the input is empty");
	if (recording->removed > 0)
		cli_complain("%lld %s left out of committed events: a key is a letter or _, then "
			     "letters, digits, _ . : -, 64 characters at most",
			     (long long)recording->removed,
			     recording->removed == 1 ? "property was" : "properties were");
	if (cli_is_given(recording->cli, "quiet") && recording->refused == 0)
		return;
	(void)printf("committed %s %s, refused %s %s\n", cli_count(committed, recording->committed),
		     cli_plural(recording->committed, "event", "events"),
		     cli_count(refused, recording->refused),
		     cli_plural(recording->refused, "line", "lines"));
}

static int summary_tell(struct recording *recording)
{
	enum fr_status why = recording->why.status;
	struct fr_error err = {0};

	cli_progress_clear(&recording->progress);
	if (!recording->cli->json)
		summary_print(recording);
	else if (summary_print_json(recording, &err) != FR_OK)
		return cli_failed(&err);
	if (recording->stopped_at > 0 && (why == FR_BUSY || why == FR_FULL))
		return CLI_AGAIN;
	return recording->committed == 0 || recording->refused > 0 || recording->is_uncertain ||
			       recording->stopped_at > 0
		       ? CLI_WRONG
		       : CLI_DONE;
}

static int options_take(struct recording *recording)
{
	const struct cli *cli = recording->cli;
	const char *severity = cli_value(cli, "severity");
	const char *time = cli_value(cli, "time");

	recording->fields = (struct fr_draft_fields){.name = cli_value(cli, "name-field"),
						     .time = cli_value(cli, "time-field")};
	recording->is_internal = cli_is_given(cli, "internal");
	recording->has_severity = severity != NULL;
	recording->has_time = time != NULL;
	if (severity != NULL && !fr_severity_parse(severity, &recording->severity))
		return cli_misused(cli,
				   "--severity \"%s\": trace, debug, info, warn, error or fatal",
				   severity);
	if (time != NULL && !fr_time_parse(time, strlen(time), &recording->time_us))
		return cli_misused(cli, "--time \"%s\": RFC 3339, as 2026-11-22T08:35:00Z", time);
	if (cli_is_given(cli, "traceparent"))
		return cli_misused(cli, "--traceparent goes with one event: record - takes it from "
					"each line");
	return CLI_DONE;
}

/* The first Ctrl-C ends the reading in good order, a second one the program. */
static void interrupt_catch(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	action.sa_flags = (int)SA_RESETHAND; /* and no SA_RESTART: the read must end */
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static int lines_record(struct recording *recording)
{
	size_t limit = recording->event_bytes * LINE_SHARE;
	struct fr_error err = {0};
	int code;

	if (limit < LINE_BYTES_LEAST)
		limit = LINE_BYTES_LEAST;
	if (fr_recorder_lift_limits(recording->recorder, &err) != FR_OK ||
	    cli_lines_init(&recording->lines, STDIN_FILENO, limit, &err) != FR_OK)
		return cli_failed(&err);
	recording->lines.interrupted = &interrupted;
	cli_json_init(&recording->refusals);
	cli_json_array(&recording->refusals, NULL);
	cli_progress_begin(&recording->progress, &recording->cli->env, STDIN_FILENO);
	interrupt_catch();
	lines_take(recording);
	code = summary_tell(recording);
	cli_json_fini(&recording->refusals);
	cli_lines_fini(&recording->lines);
	return code;
}

int cli_record_lines(const struct cli *cli, flightrec *recorder)
{
	struct recording *recording;
	struct fr_error off = {FR_OFF, ""};
	int code;

	if (recorder->consent.decision.level == FR_CONSENT_OFF) { /* nothing is even read */
		cli_complain("not recorded: %s", cli_refusal(recorder, &off));
		return CLI_WRONG;
	}
	recording = calloc(1, sizeof *recording);
	if (recording == NULL) {
		cli_complain("out of memory");
		return CLI_WRONG;
	}
	recording->cli = cli;
	recording->recorder = recorder;
	recording->event_bytes = (size_t)recorder->config->queue.max_event_bytes;
	code = options_take(recording);
	if (code == CLI_DONE)
		code = lines_record(recording);
	free(recording);
	if (interrupted != 0) { /* ends as whoever sent the signal expects */
		(void)fflush(stdout);
		(void)raise(interrupted);
	}
	return code;
}
