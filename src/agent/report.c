#include "agent/report.h"

#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/file.h"
#include "base/text.h"
#include "event/json.h"

/* ---- JSON ---- */

static void add_key(struct fr_buffer *out, const char *key)
{
	if (out->length > 0 && out->data[out->length - 1] != '{')
		fr_buffer_add_char(out, ',');
	fr_json_add_string(out, key, strlen(key));
	fr_buffer_add_char(out, ':');
}

static void add_text(struct fr_buffer *out, const char *key, const char *text)
{
	add_key(out, key);
	fr_json_add_string(out, text, strlen(text));
}

static void add_int(struct fr_buffer *out, const char *key, int64_t number)
{
	add_key(out, key);
	fr_buffer_add_int(out, number);
}

static void add_time(struct fr_buffer *out, const char *key, int64_t wall_us)
{
	char text[FR_TIME_TEXT];

	if (wall_us == 0) {
		add_key(out, key);
		fr_buffer_add_text(out, "null");
		return;
	}
	fr_time_format(text, wall_us);
	add_text(out, key, text);
}

static void add_sink(struct fr_buffer *out, const struct fr_crew_member *member)
{
	struct fr_courier_facts facts;

	fr_crew_facts(member, &facts);
	fr_buffer_add_char(out, '{');
	add_text(out, "name", member->settings->name);
	add_text(out, "type", member->settings->type);
	add_text(out, "state", facts.state_name);
	add_text(out, "kind", facts.kind);
	add_text(out, "reason", facts.reason);
	add_int(out, "nextAttemptInMs", facts.next_attempt_in_ms);
	add_time(out, "since", facts.since_us);
	add_time(out, "lastSuccess", facts.last_success_us);
	add_int(out, "requests", (int64_t)facts.requests);
	add_int(out, "ackedBatches", (int64_t)facts.acked_batches);
	add_int(out, "delivered", (int64_t)facts.delivered_events);
	add_int(out, "failures", (int64_t)facts.failures);
	add_int(out, "ambiguous", (int64_t)facts.ambiguous);
	fr_buffer_add_char(out, '}');
}

static int64_t uptime_s(const struct fr_agent *agent)
{
	return (fr_env_boot_us(&agent->env) - agent->started_us) / 1000000;
}

void fr_report_json(struct fr_buffer *out, const struct fr_agent *agent)
{
	fr_buffer_add_char(out, '{');
	add_text(out, "version", FR_VERSION);
	add_int(out, "pid", getpid());
	add_text(out, "home", agent->home.path);
	add_text(out, "config", agent->config->file);
	add_text(out, "state", fr_agent_state_name(agent->state));
	add_text(out, "trouble", agent->trouble);
	add_text(out, "consent", fr_consent_name(agent->consent.decision.level));
	add_text(out, "why", agent->consent.decision.why);
	add_int(out, "uptimeSeconds", uptime_s(agent));
	add_key(out, "sinks");
	fr_buffer_add_char(out, '[');
	for (size_t i = 0; i < agent->crew.count; i++) {
		if (i > 0)
			fr_buffer_add_char(out, ',');
		add_sink(out, &agent->crew.members[i]);
	}
	fr_buffer_add_text(out, "]}\n");
}

/* ---- Prometheus ---- */

/* A label's value: backslash, quote and line feed are escaped, as its format asks. */
static void add_label(struct fr_buffer *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			fr_buffer_add_char(out, '\\');
		if (*text == '\n')
			fr_buffer_add_text(out, "\\n");
		else
			fr_buffer_add_char(out, *text);
	}
}

static void add_head(struct fr_buffer *out, const char *name, const char *type, const char *help)
{
	fr_buffer_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* One figure of each sink. */
struct figure {
	const char *name;
	const char *type;
	const char *help;
	int64_t (*read)(const struct fr_courier_facts *facts);
};

static int64_t read_requests(const struct fr_courier_facts *facts)
{
	return (int64_t)facts->requests;
}

static int64_t read_batches(const struct fr_courier_facts *facts)
{
	return (int64_t)facts->acked_batches;
}

static int64_t read_delivered(const struct fr_courier_facts *facts)
{
	return (int64_t)facts->delivered_events;
}

static int64_t read_failures(const struct fr_courier_facts *facts)
{
	return (int64_t)facts->failures;
}

static int64_t read_ambiguous(const struct fr_courier_facts *facts)
{
	return (int64_t)facts->ambiguous;
}

static int64_t read_paused(const struct fr_courier_facts *facts)
{
	return facts->state == FR_COURIER_PAUSED;
}

static int64_t read_waiting(const struct fr_courier_facts *facts)
{
	return facts->state == FR_COURIER_WAITING;
}

static const struct figure figures[] = {
	{"flightrec_sink_requests_total", "counter", "Requests sent since the agent started.",
	 read_requests},
	{"flightrec_sink_acked_batches_total", "counter",
	 "Batches acknowledged since the agent started.", read_batches},
	{"flightrec_sink_delivered_events_total", "counter",
	 "Events delivered since the agent started.", read_delivered},
	{"flightrec_sink_failures_total", "counter",
	 "Requests that failed since the agent started.", read_failures},
	{"flightrec_sink_ambiguous_total", "counter", "Requests whose answer never came.",
	 read_ambiguous},
	{"flightrec_sink_paused", "gauge", "1 while the sink is paused.", read_paused},
	{"flightrec_sink_waiting", "gauge", "1 while the sink waits after a failure.",
	 read_waiting},
};

static void add_figure(struct fr_buffer *out, const struct figure *figure,
		       const struct fr_crew *crew)
{
	add_head(out, figure->name, figure->type, figure->help);
	for (size_t i = 0; i < crew->count; i++) {
		struct fr_courier_facts facts;

		fr_crew_facts(&crew->members[i], &facts);
		fr_buffer_add_format(out, "%s{sink=\"", figure->name);
		add_label(out, crew->members[i].settings->name);
		fr_buffer_add_text(out, "\"} ");
		fr_buffer_add_int(out, figure->read(&facts));
		fr_buffer_add_char(out, '\n');
	}
}

static void add_file_sizes(struct fr_buffer *out, const char *home)
{
	static const char *const files[] = {"queue.db", "queue.db-wal", "queue.db-shm"};
	char path[FR_PATH_MAX];

	add_head(out, "flightrec_queue_file_bytes", "gauge", "Size of the queue's files.");
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		if (fr_path_join(path, home, files[i], NULL) != FR_OK)
			continue;
		fr_buffer_add_format(out, "flightrec_queue_file_bytes{file=\"%s\"} ", files[i]);
		fr_buffer_add_int(out, fr_file_size(path));
		fr_buffer_add_char(out, '\n');
	}
}

void fr_report_metrics(struct fr_buffer *out, const struct fr_agent *agent)
{
	add_head(out, "flightrec_agent_info", "gauge", "The agent's release and state.");
	fr_buffer_add_format(out, "flightrec_agent_info{version=\"%s\",state=\"%s\"} 1\n",
			     FR_VERSION, fr_agent_state_name(agent->state));
	add_head(out, "flightrec_agent_uptime_seconds", "gauge", "Since the agent started.");
	fr_buffer_add_text(out, "flightrec_agent_uptime_seconds ");
	fr_buffer_add_int(out, uptime_s(agent));
	fr_buffer_add_char(out, '\n');
	add_file_sizes(out, agent->home.path);
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
		add_figure(out, &figures[i], &agent->crew);
}
