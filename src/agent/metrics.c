/* The happy path: the books are read once, by a snapshot beside the agent's own connection; then
 * each metric is written with all its sinks, as the format wants it.
 *
 * Failures: without a queue only the agent itself is told of.
 */
#include "agent/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/text.h"
#include "queue/inspect.h"

enum { SINKS_MAX = 256, DROPS_MAX = 1024 };

#define SECOND_US INT64_C(1000000)
#define NONE      INT64_MIN /* there is nothing to tell; the line is left out */

/* One sink by its books and by its courier. */
struct sink_reading {
	struct fr_sink_facts books;
	struct fr_courier_facts courier; /* zeroed when nobody is at work */
};

struct drop_reading {
	char sink[FR_SINK_NAME_MAX + 1];
	char reason[64];
	int64_t events;
};

struct reading {
	const struct fr_agent *agent;
	int64_t now_us;
	bool has_queue;
	struct fr_queue_facts queue;
	struct sink_reading *sinks;
	size_t sink_count;
	struct drop_reading *drops;
	size_t drop_count;
};

/* ---- reading ---- */

static const struct fr_crew_member *member_named(const struct fr_crew *crew, const char *name)
{
	for (size_t i = 0; i < crew->count; i++)
		if (strcmp(crew->members[i].settings->name, name) == 0)
			return &crew->members[i];
	return NULL;
}

static void on_sink(void *context, const struct fr_sink_facts *facts)
{
	struct reading *reading = context;
	const struct fr_crew_member *member;
	struct sink_reading *sink;

	if (facts->ended || reading->sink_count == SINKS_MAX)
		return;
	sink = &reading->sinks[reading->sink_count++];
	sink->books = *facts;
	member = member_named(&reading->agent->crew, facts->row.name);
	if (member != NULL)
		fr_crew_facts(member, &sink->courier);
}

static void on_ledger(void *context, const char *sink, const char *kind, int64_t events)
{
	static const char dropped[] = "dropped:";
	struct reading *reading = context;
	struct drop_reading *drop;

	if (strncmp(kind, dropped, sizeof dropped - 1) != 0 || reading->drop_count == DROPS_MAX)
		return;
	drop = &reading->drops[reading->drop_count++];
	(void)fr_text_copy(drop->sink, sizeof drop->sink, sink);
	(void)fr_text_copy(drop->reason, sizeof drop->reason, kind + sizeof dropped - 1);
	drop->events = events;
}

static enum fr_status queue_read(struct reading *reading)
{
	const struct fr_agent *agent = reading->agent;
	struct fr_snapshot *snapshot = NULL;
	enum fr_status status =
		agent->queue == NULL
			? FR_NONE
			: fr_snapshot_open_beside(&snapshot, agent->home.path, &agent->env, NULL);

	if (status == FR_OK)
		status = fr_snapshot_facts(snapshot, &reading->queue, NULL);
	if (status == FR_OK)
		status = fr_snapshot_sinks(snapshot, on_sink, reading, NULL);
	if (status == FR_OK)
		status = fr_snapshot_ledger(snapshot, on_ledger, reading, NULL);
	fr_snapshot_close(snapshot);
	return status;
}

static void reading_init(struct reading *reading, const struct fr_agent *agent)
{
	*reading = (struct reading){.agent = agent, .now_us = fr_env_wall_us(&agent->env)};
	reading->sinks = calloc(SINKS_MAX, sizeof *reading->sinks);
	reading->drops = calloc(DROPS_MAX, sizeof *reading->drops);
	if (reading->sinks != NULL && reading->drops != NULL)
		reading->has_queue = queue_read(reading) == FR_OK;
}

static void reading_fini(struct reading *reading)
{
	free(reading->sinks);
	free(reading->drops);
}

/* ---- writing ---- */

/* A label's value: backslash, quote and line feed are escaped, as the format asks. */
static void add_label(struct fr_buffer *out, const char *name, const char *text)
{
	fr_buffer_add_format(out, "%s=\"", name);
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			fr_buffer_add_char(out, '\\');
		if (*text == '\n')
			fr_buffer_add_text(out, "\\n");
		else
			fr_buffer_add_char(out, *text);
	}
	fr_buffer_add_char(out, '"');
}

static void add_head(struct fr_buffer *out, const char *name, const char *type, const char *help)
{
	fr_buffer_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Microseconds as seconds, every digit kept. */
static void add_seconds(struct fr_buffer *out, int64_t us)
{
	if (us < 0)
		us = 0;
	fr_buffer_add_format(out, "%lld.%06d", (long long)(us / SECOND_US), (int)(us % SECOND_US));
}

static void add_number(struct fr_buffer *out, const char *name, const char *help, int64_t number)
{
	add_head(out, name, "gauge", help);
	fr_buffer_add_format(out, "%s ", name);
	fr_buffer_add_int(out, number);
	fr_buffer_add_char(out, '\n');
}

/* ---- the agent and its queue ---- */

static void add_agent(struct fr_buffer *out, const struct reading *reading)
{
	const struct fr_agent *agent = reading->agent;
	int64_t up_us = fr_env_boot_us(&agent->env) - agent->started_us;

	add_head(out, "flightrec_build_info", "gauge", "The agent's release.");
	fr_buffer_add_text(out, "flightrec_build_info{");
	add_label(out, "version", FR_VERSION);
	fr_buffer_add_text(out, "} 1\n");
	add_head(out, "flightrec_agent_state", "gauge", "What the agent does: 1 for its state.");
	fr_buffer_add_text(out, "flightrec_agent_state{");
	add_label(out, "state", fr_agent_state_name(agent->state));
	fr_buffer_add_text(out, "} 1\n");
	add_head(out, "flightrec_consent", "gauge", "What the owner allows: 1 for its level.");
	fr_buffer_add_text(out, "flightrec_consent{");
	add_label(out, "level", fr_consent_name(agent->consent.decision.level));
	fr_buffer_add_text(out, "} 1\n");
	add_head(out, "process_start_time_seconds", "gauge",
		 "When the agent started, in seconds since 1970.");
	fr_buffer_add_text(out, "process_start_time_seconds ");
	add_seconds(out, reading->now_us - up_us);
	fr_buffer_add_char(out, '\n');
}

static void add_queue_bytes(struct fr_buffer *out, const struct fr_queue_facts *queue)
{
	const struct {
		const char *file;
		int64_t bytes;
	} files[] = {
		{"queue.db", queue->db_bytes},
		{"queue.db-wal", queue->wal_bytes},
		{"queue.db-shm", queue->shm_bytes},
	};

	add_head(out, "flightrec_queue_file_bytes", "gauge", "Size of the queue's files.");
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		fr_buffer_add_text(out, "flightrec_queue_file_bytes{");
		add_label(out, "file", files[i].file);
		fr_buffer_add_text(out, "} ");
		fr_buffer_add_int(out, files[i].bytes);
		fr_buffer_add_char(out, '\n');
	}
}

static void add_queue(struct fr_buffer *out, const struct reading *reading)
{
	const struct fr_queue_facts *queue = &reading->queue;

	add_number(out, "flightrec_queue_up", "1 while the queue can be read.", reading->has_queue);
	add_number(out, "flightrec_queue_max_bytes", "What the queue's files may take.",
		   reading->agent->config->queue.max_bytes);
	if (!reading->has_queue)
		return;
	add_number(out, "flightrec_queue_events", "Events in the queue.", queue->queued);
	add_number(out, "flightrec_queue_dead_letters",
		   "Events that a sink refused for good, kept with the reason.",
		   queue->dead_letters);
	add_head(out, "flightrec_queue_recorded_events_total", "counter",
		 "Events ever committed to this queue.");
	fr_buffer_add_text(out, "flightrec_queue_recorded_events_total ");
	fr_buffer_add_int(out, queue->last_id);
	fr_buffer_add_char(out, '\n');
	add_queue_bytes(out, queue);
}

/* ---- the sinks ---- */

/* The figures of each sink, in the order in which they are written. */
enum {
	COMMITTED,
	DELIVERED,
	UNWANTED,
	DEAD,
	QUEUED,
	BATCHED,
	OLDEST_AGE,
	AMBIGUOUS,
	REQUESTS,
	ACKED_BATCHES,
	RETRIES,
	IN_FLIGHT,
	PAUSED,
	WAITING,
	NEXT_ATTEMPT,
	LAST_SUCCESS,
	FIGURES,
};

static const struct {
	const char *name;
	const char *type;
	const char *help;
	bool is_us; /* written as seconds */
} figures[FIGURES] = {
	[COMMITTED] = {"flightrec_sink_committed_events_total", "counter",
		       "Events committed since the sink was added.", false},
	[DELIVERED] = {"flightrec_sink_delivered_events_total", "counter",
		       "Events that the sink acknowledged.", false},
	[UNWANTED] = {"flightrec_sink_unwanted_events_total", "counter",
		      "Events not on the sink's list, not for its audience, or not to be sent.",
		      false},
	[DEAD] = {"flightrec_sink_dead_events", "gauge", "Events that are its dead letters.",
		  false},
	[QUEUED] = {"flightrec_sink_queued_events", "gauge",
		    "Events that the sink still has before it.", false},
	[BATCHED] = {"flightrec_sink_batched_events", "gauge", "Those of them that are in a batch.",
		     false},
	[OLDEST_AGE] = {"flightrec_sink_oldest_event_age_seconds", "gauge",
			"How old the oldest event before the sink is; 0 without any.", true},
	[AMBIGUOUS] = {"flightrec_sink_ambiguous_total", "counter",
		       "Requests whose answer never came, so that they may have been taken.",
		       false},
	[REQUESTS] = {"flightrec_sink_requests_total", "counter",
		      "Requests sent since the agent started.", false},
	[ACKED_BATCHES] = {"flightrec_sink_acked_batches_total", "counter",
			   "Batches acknowledged since the agent started.", false},
	[RETRIES] = {"flightrec_sink_retries_total", "counter",
		     "Requests since the agent started after which another was due.", false},
	[IN_FLIGHT] = {"flightrec_sink_in_flight", "gauge", "Requests under way now.", false},
	[PAUSED] = {"flightrec_sink_paused", "gauge", "1 while the sink is paused.", false},
	[WAITING] = {"flightrec_sink_waiting", "gauge", "1 while the sink waits after a failure.",
		     false},
	[NEXT_ATTEMPT] = {"flightrec_sink_next_attempt_timestamp_seconds", "gauge",
			  "When the sink is tried again, in seconds since 1970.", true},
	[LAST_SUCCESS] = {"flightrec_sink_last_success_timestamp_seconds", "gauge",
			  "When the sink last took something, in seconds since 1970.", true},
};

/* By its books. */
static void books_read(const struct fr_sink_facts *books, int64_t now_us, int64_t out[FIGURES])
{
	int64_t oldest_us = books->oldest_waiting_us;

	out[COMMITTED] = books->committed;
	out[DELIVERED] = books->delivered;
	out[UNWANTED] = books->unwanted;
	out[DEAD] = books->dead;
	out[QUEUED] = books->queued;
	out[BATCHED] = books->in_batches;
	out[OLDEST_AGE] = oldest_us == 0 || oldest_us > now_us ? 0 : now_us - oldest_us;
	out[AMBIGUOUS] = (int64_t)books->row.retry.ambiguous;
	out[LAST_SUCCESS] =
		books->row.retry.last_success_us > 0 ? books->row.retry.last_success_us : NONE;
}

static void courier_read(const struct fr_courier_facts *courier, int64_t now_us,
			 int64_t out[FIGURES])
{
	bool is_there = courier->state_name != NULL;

	out[REQUESTS] = (int64_t)courier->requests;
	out[ACKED_BATCHES] = (int64_t)courier->acked_batches;
	out[RETRIES] = (int64_t)courier->failures;
	out[IN_FLIGHT] = (int64_t)courier->in_flight;
	out[PAUSED] = is_there && courier->state == FR_COURIER_PAUSED;
	out[WAITING] = is_there && courier->state == FR_COURIER_WAITING;
	out[NEXT_ATTEMPT] = is_there && courier->next_attempt_in_ms >= 0
				    ? now_us + courier->next_attempt_in_ms * 1000
				    : NONE;
}

static void add_figure(struct fr_buffer *out, int figure, const struct reading *reading)
{
	add_head(out, figures[figure].name, figures[figure].type, figures[figure].help);
	for (size_t i = 0; i < reading->sink_count; i++) {
		const struct sink_reading *sink = &reading->sinks[i];
		int64_t numbers[FIGURES];

		books_read(&sink->books, reading->now_us, numbers);
		courier_read(&sink->courier, reading->now_us, numbers);
		if (numbers[figure] == NONE)
			continue;
		fr_buffer_add_format(out, "%s{", figures[figure].name);
		add_label(out, "sink", sink->books.row.name);
		fr_buffer_add_text(out, "} ");
		if (figures[figure].is_us)
			add_seconds(out, numbers[figure]);
		else
			fr_buffer_add_int(out, numbers[figure]);
		fr_buffer_add_char(out, '\n');
	}
}

static void add_drops(struct fr_buffer *out, const struct reading *reading)
{
	static const char name[] = "flightrec_sink_dropped_events_total";

	add_head(out, name, "counter", "Events dropped by a stated limit or an opt-out.");
	for (size_t i = 0; i < reading->drop_count; i++) {
		const struct drop_reading *drop = &reading->drops[i];

		fr_buffer_add_format(out, "%s{", name);
		add_label(out, "sink", drop->sink);
		fr_buffer_add_char(out, ',');
		add_label(out, "reason", drop->reason);
		fr_buffer_add_text(out, "} ");
		fr_buffer_add_int(out, drop->events);
		fr_buffer_add_char(out, '\n');
	}
}

static void add_answers(struct fr_buffer *out, const struct reading *reading)
{
	static const char name[] = "flightrec_sink_answers_total";
	static const char *const classes[FR_ANSWERS_COUNT] = {"none", "1xx", "2xx",
							      "3xx",  "4xx", "5xx"};

	add_head(out, name, "counter",
		 "Outcomes of requests since the agent started, by the class of the answer.");
	for (size_t i = 0; i < reading->sink_count; i++)
		for (size_t j = 0; j < FR_ANSWERS_COUNT; j++) {
			fr_buffer_add_format(out, "%s{", name);
			add_label(out, "sink", reading->sinks[i].books.row.name);
			fr_buffer_add_char(out, ',');
			add_label(out, "class", classes[j]);
			fr_buffer_add_text(out, "} ");
			fr_buffer_add_int(out, (int64_t)reading->sinks[i].courier.answers[j]);
			fr_buffer_add_char(out, '\n');
		}
}

void fr_metrics_add(struct fr_buffer *out, const struct fr_agent *agent)
{
	struct reading reading;

	reading_init(&reading, agent);
	add_agent(out, &reading);
	add_queue(out, &reading);
	if (reading.has_queue && reading.sink_count > 0) {
		for (int i = 0; i < FIGURES; i++)
			add_figure(out, i, &reading);
		add_answers(out, &reading);
	}
	if (reading.drop_count > 0)
		add_drops(out, &reading);
	reading_fini(&reading);
}
