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

#include "cli.h"
#include "lines.h"
#include "output.h"
#include "recording.h"
#include "tally.h"

enum {
	BATCH_EVENTS = 500,
	BATCH_BYTES = 1024 * 1024,
	LINE_BYTES_LEAST = 1024 * 1024,
	LINE_SHARE = 8, /* escapes and white space may take more room than what they mean */
};

struct recording {
	flightrec *recorder;
	struct cli_lines lines;
	struct cli_tally tally;
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
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	interrupted = signal_number;
}

static void recording_stop(struct recording *recording, int64_t number, const struct fr_error *why)
{
	struct fr_error told = *why;

	if (why->status == FR_OFF)
		(void)fr_fail(&told, FR_OFF, "%s", cli_refusal(recording->recorder, why));
	cli_tally_stop(&recording->tally, number, &told);
}

static bool is_stopped(const struct recording *recording)
{
	return recording->tally.stopped_at > 0;
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
	struct cli_tally *tally = &recording->tally;
	enum fr_status status =
		fr_recorder_import(recording->recorder, recording->events + first, count, err);

	if (status == FR_UNCERTAIN)
		cli_tally_doubt(tally, recording->numbers[first], err);
	if (status != FR_OK && status != FR_UNCERTAIN)
		return status;
	tally->committed += count;
	for (unsigned i = first; i < first + count; i++)
		tally->removed += recording->events[i].draft->removed;
	return FR_OK;
}

static void events_import_singly(struct recording *recording)
{
	for (unsigned i = 0; i < recording->count && !is_stopped(recording); i++) {
		struct fr_error err = {0};
		enum fr_status status = events_import(recording, i, 1, &err);

		if (is_end_of_it(status))
			recording_stop(recording, recording->numbers[i], &err);
		else if (status != FR_OK)
			cli_tally_refuse(&recording->tally, recording->numbers[i], err.text);
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
	cli_progress_show(&recording->tally.progress, recording->tally.committed,
			  recording->tally.refused, recording->lines.bytes);
}

/* ---- lines ---- */

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
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
	if (status == FR_OK)
		status = fr_recorder_finish(recording->recorder, draft, pass, err);
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
	if (is_blank(text, length))
		return;
	fr_draft_init(draft, recording->event_bytes);
	status = draft_make(recording, draft, &event->pass, text, length, &err);
	if (status == FR_OK) {
		event->draft = draft;
		recording->numbers[recording->count++] = number;
		recording->bytes += draft->properties.length;
		return;
	}
	fr_draft_fini(draft);
	if (!is_end_of_it(status)) {
		cli_tally_refuse(&recording->tally, number, err.text);
		return;
	}
	batch_commit(recording); /* what came before it */
	if (!is_stopped(recording))
		recording_stop(recording, number, &err);
}

static void line_too_long(struct recording *recording)
{
	char limit[CLI_NUMBER_TEXT], most[CLI_NUMBER_TEXT], text[160];

	(void)snprintf(text, sizeof text, "longer than %s, skipped (an event has at most %s)",
		       cli_bytes(limit, (int64_t)recording->lines.limit),
		       cli_bytes(most, (int64_t)recording->event_bytes));
	cli_tally_refuse(&recording->tally, recording->lines.number, text);
}

/* The last batch, and why there is no further one: err says so, or the input has ended. */
static void input_end(struct recording *recording, const struct fr_error *err)
{
	struct fr_error why = *err;

	batch_commit(recording);
	if (interrupted != 0)
		(void)fr_fail(&why, FR_OK, "interrupted");
	if ((interrupted != 0 || why.status != FR_OK) && !is_stopped(recording))
		recording_stop(recording, recording->lines.number + 1, &why);
}

static void lines_take(struct recording *recording)
{
	struct fr_error err = {0};
	const char *text = NULL;
	size_t length = 0;

	while (!is_stopped(recording)) {
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
			break;
		case CLI_LINE_END:
		case CLI_LINE_FAILED:
			input_end(recording, &err);
			return;
		}
		if (recording->count == BATCH_EVENTS || recording->bytes >= BATCH_BYTES)
			batch_commit(recording);
	}
}

/* ---- the command ---- */

static int options_take(struct recording *recording, const struct cli *cli)
{
	const char *severity = cli_value(cli, "severity");
	const char *time = cli_value(cli, "time");
	struct fr_error err = {0};

	recording->fields = (struct fr_draft_fields){.name = cli_value(cli, "name-field"),
						     .time = cli_value(cli, "time-field")};
	recording->is_internal = cli_is_given(cli, "internal");
	recording->has_severity = severity != NULL;
	recording->has_time = time != NULL;
	if ((severity != NULL &&
	     cli_parse_severity("severity", severity, &recording->severity, &err) != FR_OK) ||
	    (time != NULL && cli_parse_time("time", time, &recording->time_us, &err) != FR_OK))
		return cli_misused(cli, "%s", err.text);
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

static int lines_record(struct recording *recording, const struct cli *cli)
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
	cli_tally_init(&recording->tally, cli, STDIN_FILENO);
	interrupt_catch();
	lines_take(recording);
	code = cli_tally_tell(&recording->tally, recording->lines.number);
	cli_tally_fini(&recording->tally);
	cli_lines_fini(&recording->lines);
	return code;
}

int cli_record_lines(const struct cli *cli, flightrec *recorder)
{
	struct recording *recording;
	struct fr_error err = {FR_OFF, ""};
	int code;

	if (recorder->consent.decision.level == FR_CONSENT_OFF) { /* nothing is even read */
		cli_complain("not recorded: %s", cli_refusal(recorder, &err));
		return CLI_WRONG;
	}
	recording = calloc(1, sizeof *recording);
	if (recording == NULL) {
		(void)fr_fail(&err, FR_NOMEM, "out of memory");
		return cli_failed(&err);
	}
	recording->recorder = recorder;
	recording->event_bytes = (size_t)recorder->config->queue.max_event_bytes;
	code = options_take(recording, cli);
	if (code == CLI_DONE)
		code = lines_record(recording, cli);
	free(recording);
	if (interrupted != 0) { /* ends as whoever sent the signal expects */
		(void)fflush(stdout);
		(void)raise(interrupted);
	}
	return code;
}
