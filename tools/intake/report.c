#include "intake/report.h"

#include <stdio.h>
#include <string.h>

static void write_for_people(const struct intake_exchange *exchange, struct fr_buffer *line)
{
	const struct intake_counts *counts = &exchange->counts;
	char status[16] = "no answer";
	if (exchange->answer.status != 0)
		(void)snprintf(status, sizeof(status), "%d", exchange->answer.status);
	fr_buffer_add_format(line, "%s %s: %s, events %lld", exchange->head.method,
			     exchange->head.path, status, (long long)counts->events);
	if (counts->duplicates > 0)
		fr_buffer_add_format(line, ", duplicates %lld", (long long)counts->duplicates);
	if (counts->rejected > 0)
		fr_buffer_add_format(line, ", rejected %lld", (long long)counts->rejected);
	if (counts->is_replay)
		fr_buffer_add_format(line, ", a replay%s",
				     counts->is_different ? " with ANOTHER BODY" : "");
	if (exchange->fault.kind != INTAKE_FAULT_NONE)
		fr_buffer_add_format(line, ", on request: %s%s",
				     intake_fault_name(exchange->fault.kind),
				     exchange->is_accepted ? ", yet accepted" : "");
	if (exchange->refusal != 0)
		fr_buffer_add_format(line, ": %s", exchange->reason);
}

static void write_as_json(const struct intake_exchange *exchange, struct fr_buffer *line)
{
	const struct intake_counts *counts = &exchange->counts;
	fr_buffer_add_format(line, "{\"method\":\"%s\",\"path\":", exchange->head.method);
	fr_json_add_string(line, exchange->head.path, strlen(exchange->head.path));
	fr_buffer_add_format(
		line,
		",\"status\":%d,\"accepted\":%s,\"events\":%lld,\"duplicates\":%lld,"
		"\"rejected\":%lld,\"replay\":%s,\"replay_differs\":%s,\"fault\":\"%s\","
		"\"reason\":",
		exchange->answer.status, exchange->is_accepted ? "true" : "false",
		(long long)counts->events, (long long)counts->duplicates,
		(long long)counts->rejected, counts->is_replay ? "true" : "false",
		counts->is_different ? "true" : "false", intake_fault_name(exchange->fault.kind));
	fr_json_add_string(line, exchange->reason, strlen(exchange->reason));
	fr_buffer_add_char(line, '}');
}

static void print(const struct fr_buffer *text)
{
	(void)fwrite(text->data, 1, text->length, stdout);
	(void)fflush(stdout);
}

void intake_report_delivery(const struct intake_exchange *exchange, bool as_json)
{
	struct fr_buffer line;
	fr_buffer_init(&line, (size_t)INTAKE_HEAD_MAX * 8);
	if (as_json)
		write_as_json(exchange, &line);
	else
		write_for_people(exchange, &line);
	fr_buffer_add_char(&line, '\n');
	print(&line);
	fr_buffer_fini(&line);
}

enum fr_status intake_report_summary(struct intake_store *store, bool as_json, struct fr_error *err)
{
	struct fr_buffer text;
	fr_buffer_init(&text, INTAKE_ANSWER_MAX);
	enum fr_status status = intake_store_show(
		store, as_json ? INTAKE_VIEW_STATS : INTAKE_VIEW_SUMMARY, NULL, &text, err);
	print(&text);
	fr_buffer_fini(&text);
	return status;
}
