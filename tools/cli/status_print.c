/* The status for people, on one screen: five lines about the whole, a table of the sinks that
 * adds up line by line, and a sentence for each thing that is not well.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "look.h"
#include "outage.h"
#include "output.h"
#include "status.h"
#include "table.h"

enum {
	NEXT_TEXT = 128,
	DAY_TEXT = sizeof "2026-11-22 " - 1,
	ROOM_SHORT_MS = 24 * 3600 * 1000, /* worth a colour */
};

void cli_status_line(const struct cli *cli, const char *label, enum cli_color color,
		     const char *format, ...)
{
	char text[2048];
	va_list values;

	va_start(values, format);
	(void)vsnprintf(text, sizeof text, format, values);
	va_end(values);
	(void)printf("%s%-9s%s %s", cli_color(cli, CLI_BOLD), label, cli_color_end(cli),
		     cli_color(cli, color));
	cli_print_visible(stdout, text, strlen(text), false);
	(void)printf("%s\n", color != CLI_PLAIN ? cli_color_end(cli) : "");
}

/* ---- the whole ---- */

static void on_voice(void *context, const char *who, const char *said)
{
	const struct cli_status *const *status = context;
	char line[640];

	(void)snprintf(line, sizeof line, "%-28s %s", who, said);
	cli_status_line((*status)->cli, "", CLI_DIM, "%s", line);
}

static void consent_print(const struct cli_status *status, bool with_why)
{
	const struct fr_consent_decision *consent = &status->consent;
	const struct cli *cli = status->cli;

	cli_status_line(cli, "consent", consent->level == FR_CONSENT_ON ? CLI_GREEN : CLI_YELLOW,
			"%s", consent->why);
	if (status->consent_fault.status != FR_OK &&
	    !cli_consent_says(consent, &status->consent_fault))
		cli_status_line(cli, "", CLI_RED, "%s", status->consent_fault.text);
	if (with_why)
		cli_consent_voices(status, on_voice, &status);
	else if (!consent->has_choice && consent->source <= FR_CONSENT_FROM_HOST)
		cli_status_line(
			cli, "", CLI_DIM,
			"to choose: flightrec consent on (record and send), local (record only) "
			"or off");
}

static void agent_print(const struct cli_status *status)
{
	const struct cli *cli = status->cli;
	char time[CLI_NUMBER_TEXT] = "less than 1 s";

	switch (status->agent) {
	case CLI_AGENT_UP:
		if (status->agent_uptime_s > 0)
			(void)cli_duration(time, status->agent_uptime_s * 1000);
		cli_status_line(cli, "agent", CLI_GREEN,
				"running (%s), pid %lld, version %s, up %s", status->agent_state,
				(long long)status->agent_pid, status->agent_version, time);
		if (status->agent_trouble[0] != '\0')
			cli_status_line(cli, "", CLI_RED, "%s", status->agent_trouble);
		return;
	case CLI_AGENT_DOWN:
		if (status->consent.level == FR_CONSENT_OFF)
			cli_status_line(cli, "agent", CLI_DIM, "not running");
		else
			cli_status_line(
				cli, "agent", CLI_YELLOW,
				"not running: events are recorded and wait (start it: flightrecd)");
		return;
	case CLI_AGENT_SILENT:
		cli_status_line(cli, "agent", CLI_RED, "%s", status->agent_fault.text);
		return;
	}
}

static void queue_print(const struct cli_status *status)
{
	const struct fr_queue_facts *queue = &status->queue;
	const struct cli *cli = status->cli;
	int64_t bytes = queue->db_bytes + queue->wal_bytes + queue->shm_bytes;
	int64_t age_us = fr_env_wall_us(&cli->env) - queue->oldest_us;
	char count[CLI_NUMBER_TEXT], used[CLI_NUMBER_TEXT], most[CLI_NUMBER_TEXT];
	char age[CLI_NUMBER_TEXT + 32] = "";

	if (status->queue_fault.status == FR_NONE) {
		cli_status_line(cli, "queue", CLI_DIM, "nothing recorded yet");
		return;
	}
	if (status->queue_fault.status != FR_OK) {
		cli_status_line(cli, "queue", CLI_RED, "%s", status->queue_fault.text);
		return;
	}
	if (queue->queued > 0)
		(void)snprintf(age, sizeof age, ", the oldest %s old",
			       cli_duration(used, age_us > 0 ? age_us / 1000 : 0));
	cli_status_line(cli, "queue", CLI_PLAIN, "%s %s%s, %s%s%s", cli_count(count, queue->queued),
			cli_plural(queue->queued, "event", "events"), age, cli_bytes(used, bytes),
			status->config != NULL ? " of " : "",
			status->config != NULL ? cli_bytes(most, status->config->queue.max_bytes)
					       : "");
	if (queue->incident[0] != '\0')
		cli_status_line(cli, "incident", CLI_YELLOW, "%s: %s",
				cli_local_time(count, queue->incident_us), queue->incident);
}

/* "room      about 9 d 4 h of an outage, at 312 events an hour" */
static void room_print(const struct cli_status *status)
{
	struct cli_outage outage;
	char text[64], count[CLI_NUMBER_TEXT];

	if (!cli_status_outage(status, &outage) || status->config->sink_count == 0)
		return;
	(void)cli_outage_text(&outage, text);
	if (!outage.is_known)
		cli_status_line(status->cli, "room", CLI_DIM, "for an outage of a length %s", text);
	else
		cli_status_line(status->cli, "room",
				outage.hold_ms < ROOM_SHORT_MS ? CLI_YELLOW : CLI_PLAIN,
				"for an outage of %s, at %s %s an hour%s", text,
				cli_count(count, outage.per_hour),
				cli_plural(outage.per_hour, "event", "events"),
				outage.is_age_the_end ? " (then events get too old: queue.max_age)"
						      : "");
}

static void config_print(const struct cli_status *status)
{
	const struct cli *cli = status->cli;
	size_t problems = 0;

	if (status->config == NULL) {
		cli_status_line(cli, "config", CLI_RED, "%s", status->config_fault.text);
		return;
	}
	while (fr_config_problem(status->config, problems) != NULL)
		problems++;
	if (problems > 0)
		cli_status_line(cli, "config", CLI_YELLOW, "%s: %zu %s (flightrec config check)",
				status->config->file, problems,
				cli_plural((int64_t)problems, "problem", "problems"));
	else if (status->config->file[0] != '\0')
		cli_status_line(cli, "config", CLI_PLAIN, "%s", status->config->file);
	else
		cli_status_line(cli, "config", CLI_DIM, "none: the defaults");
}

/* ---- the sinks ---- */

static const struct cli_column sink_columns[] = {
	{"SINK", false, 0},       {"STATE", false, 0},   {"COMMITTED =", true, 0},
	{"DELIVERED +", true, 0}, {"QUEUED +", true, 0}, {"DEAD +", true, 0},
	{"DROPPED +", true, 0},   {"UNWANTED", true, 0},
};

static enum cli_color state_color(const char *state)
{
	if (strcmp(state, "paused") == 0)
		return CLI_RED;
	return strcmp(state, "waiting") == 0 ? CLI_YELLOW : CLI_PLAIN;
}

static void sink_row(struct cli_table *table, const struct cli_sink_status *sink)
{
	const struct fr_sink_facts *facts = &sink->facts;

	cli_table_cell(table, CLI_PLAIN, sink->name);
	cli_table_cell(table, state_color(sink->state), sink->state);
	cli_table_cell_count(table, facts->committed);
	cli_table_cell_count(table, facts->delivered);
	cli_table_cell_count(table, facts->queued);
	cli_table_cell_count(table, facts->dead);
	cli_table_cell_count(table, facts->dropped);
	cli_table_cell_count(table, facts->unwanted);
}

/* "; next attempt in 12 min (15:04:10)", with the day where it is another one. */
static const char *next_text(const struct cli_status *status, const struct cli_sink_status *sink,
			     char out[NEXT_TEXT])
{
	char next[CLI_NUMBER_TEXT], time[CLI_NUMBER_TEXT], today[CLI_NUMBER_TEXT];
	bool is_today;

	out[0] = '\0';
	if (sink->next_attempt_ms < 0)
		return out;
	(void)cli_local_time(time, cli_sink_next_us(status, sink));
	(void)cli_local_time(today, fr_env_wall_us(&status->cli->env));
	is_today = strncmp(time, today, DAY_TEXT) == 0;
	(void)snprintf(out, NEXT_TEXT, "; next attempt in %s (%s)",
		       cli_duration(next, sink->next_attempt_ms),
		       is_today ? time + DAY_TEXT : time);
	return out;
}

/* "; its oldest event is 2 h old" */
static const char *oldest_text(const struct cli_status *status, const struct cli_sink_status *sink,
			       char out[NEXT_TEXT])
{
	int64_t age_us = fr_env_wall_us(&status->cli->env) - sink->facts.oldest_waiting_us;
	char age[CLI_NUMBER_TEXT];

	out[0] = '\0';
	if (sink->facts.oldest_waiting_us > 0 && age_us > 0)
		(void)snprintf(out, NEXT_TEXT, "; its oldest event is %s old",
			       cli_duration(age, age_us / 1000));
	return out;
}

/* "datadog: 403 Forbidden, since 2 h 5 min; next attempt in 12 min (15:04:10); its oldest ..." */
static void sink_reason_print(const struct cli_status *status, const struct cli_sink_status *sink)
{
	const struct cli *cli = status->cli;
	int64_t since_us = sink->facts.row.retry.since_us;
	int64_t since_ms = (fr_env_wall_us(&cli->env) - since_us) / 1000;
	char since[CLI_NUMBER_TEXT], next[NEXT_TEXT], oldest[NEXT_TEXT];

	if (sink->reason[0] == '\0')
		return;
	cli_status_line(cli, "", state_color(sink->state), "%s: %s%s%s%s%s", sink->name,
			sink->reason, since_us > 0 && since_ms >= 0 ? ", since " : "",
			since_us > 0 && since_ms >= 0 ? cli_duration(since, since_ms) : "",
			next_text(status, sink, next), oldest_text(status, sink, oldest));
}

static void sink_remarks_print(const struct cli_status *status, const struct cli_sink_status *sink)
{
	const struct cli *cli = status->cli;
	char count[CLI_NUMBER_TEXT];

	sink_reason_print(status, sink);
	for (size_t i = 0; i < status->drop_count; i++) {
		const struct cli_drop *drop = &status->drops[i];

		if (strcmp(drop->sink, sink->name) == 0)
			cli_status_line(cli, "", CLI_YELLOW, "%s: %s dropped: %s", sink->name,
					cli_count(count, drop->events), drop->reason);
	}
	if (sink->facts.dead > 0)
		cli_status_line(cli, "", CLI_YELLOW,
				"%s: %s refused for good, kept with the reason (flightrec dead ls)",
				sink->name, cli_count(count, sink->facts.dead));
	if (strcmp(sink->state, "new") == 0)
		cli_status_line(cli, "", CLI_DIM, "%s: in the config, the agent has not met it yet",
				sink->name);
	else if (!sink->is_configured && !sink->facts.ended && status->config != NULL)
		cli_status_line(cli, "", CLI_YELLOW,
				"%s: no longer in the config, the agent has not let go of it yet",
				sink->name);
	if (sink->is_in_queue && !sink->facts.balanced)
		cli_status_line(cli, "", CLI_RED, "%s: the books do not add up (flightrec verify)",
				sink->name);
}

static bool is_worth_showing(const struct cli_sink_status *sink)
{
	return sink->is_configured || !sink->facts.ended;
}

static void sinks_print(const struct cli_status *status)
{
	struct cli_table table;

	cli_table_init(&table, status->cli, sink_columns,
		       sizeof sink_columns / sizeof *sink_columns, CLI_TABLE_MEASURED);
	(void)putchar('\n');
	for (size_t i = 0; i < status->sink_count; i++) {
		if (is_worth_showing(&status->sinks[i]))
			sink_row(&table, &status->sinks[i]);
	}
	if (table.rows == 0)
		cli_status_line(status->cli, "sinks", CLI_DIM, "%s",
				status->config != NULL
					? "none in the config: events are recorded and kept"
					: "not known: the config cannot be read");
	(void)cli_table_finish(&table, NULL); /* sixty-four rows always fit */
	for (size_t i = 0; i < status->sink_count; i++) {
		if (is_worth_showing(&status->sinks[i]))
			sink_remarks_print(status, &status->sinks[i]);
	}
}

void cli_status_print(const struct cli_status *status, bool with_why)
{
	cli_status_line(status->cli, "app", CLI_PLAIN, "%s in %s", status->cli->home.app,
			status->cli->home.path);
	consent_print(status, with_why);
	agent_print(status);
	queue_print(status);
	room_print(status);
	config_print(status);
	cli_refused_print(status);
	sinks_print(status);
}
