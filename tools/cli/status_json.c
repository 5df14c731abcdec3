/* The status for programs. The keys are a promise: they may be joined by others, they do not
 * change. */
#include <string.h>

#include "cli.h"
#include "json_out.h"
#include "outage.h"
#include "status.h"

static const char *const source_names[] = {
	[FR_CONSENT_BUILT_IN] = "built-in",
	[FR_CONSENT_FROM_CONFIG] = "config",
	[FR_CONSENT_FROM_HOST] = "host",
	[FR_CONSENT_FROM_OWNER] = "owner",
	[FR_CONSENT_FROM_POLICY] = "policy",
	[FR_CONSENT_FROM_DO_NOT_TRACK] = "DO_NOT_TRACK",
	[FR_CONSENT_FROM_VARIABLE] = "FLIGHTREC_CONSENT",
	[FR_CONSENT_FROM_CAP] = "cap",
};

static void fault_add(struct cli_json *json, const struct fr_error *fault)
{
	if (fault->status != FR_OK && fault->status != FR_NONE)
		cli_json_string(json, "error", fault->text);
}

static void on_voice(void *context, const char *who, const char *said)
{
	struct cli_json *json = context;

	cli_json_object(json, NULL);
	cli_json_string(json, "who", who);
	cli_json_string(json, "said", said);
	cli_json_object_end(json);
}

void cli_consent_add_json(struct cli_json *json, const struct cli_status *status)
{
	const struct fr_consent_decision *consent = &status->consent;

	cli_json_string(json, "level", fr_consent_name(consent->level));
	cli_json_string(json, "source", source_names[consent->source]);
	cli_json_string(json, "why", consent->why);
	cli_json_string(json, "choice",
			consent->has_choice ? fr_consent_name(consent->choice) : NULL);
	cli_json_time(json, "chosenAt", consent->chosen_us);
	cli_json_bool(json, "ci", consent->ci);
	cli_json_array(json, "voices");
	cli_consent_voices(status, on_voice, json);
	cli_json_array_end(json);
	fault_add(json, &status->consent_fault);
}

static void agent_add(struct cli_json *json, const struct cli_status *status)
{
	cli_json_object(json, "agent");
	cli_json_bool(json, "running", status->agent != CLI_AGENT_DOWN);
	if (status->agent == CLI_AGENT_UP) {
		cli_json_int(json, "pid", status->agent_pid);
		cli_json_int(json, "uptimeSeconds", status->agent_uptime_s);
		cli_json_string(json, "version", status->agent_version);
		cli_json_string(json, "state", status->agent_state);
		cli_json_string(json, "trouble",
				status->agent_trouble[0] != '\0' ? status->agent_trouble : NULL);
	}
	fault_add(json, &status->agent_fault);
	cli_json_object_end(json);
}

static void outage_add(struct cli_json *json, const struct cli_status *status)
{
	struct cli_outage outage;

	cli_json_object(json, "outage");
	if (cli_status_outage(status, &outage) && outage.is_known) {
		if (outage.hold_ms < INT64_MAX)
			cli_json_int(json, "holdSeconds", outage.hold_ms / 1000);
		else
			cli_json_null(json, "holdSeconds");
		cli_json_string(json, "endsBy",
				outage.is_age_the_end ? "queue.max_age" : "queue.max_bytes");
		cli_json_int(json, "eventsPerHour", outage.per_hour);
		cli_json_int(json, "eventBytes", outage.event_bytes);
	}
	cli_json_object_end(json);
}

static void queue_add(struct cli_json *json, const struct cli_status *status)
{
	const struct fr_queue_facts *queue = &status->queue;

	cli_json_object(json, "queue");
	cli_json_bool(json, "exists", status->queue_fault.status != FR_NONE);
	cli_json_int(json, "events", queue->queued);
	cli_json_time(json, "oldest", queue->oldest_us);
	cli_json_time(json, "newest", queue->newest_us);
	cli_json_int(json, "lastId", queue->last_id);
	cli_json_int(json, "bytes", queue->db_bytes + queue->wal_bytes + queue->shm_bytes);
	if (status->config != NULL)
		cli_json_int(json, "maxBytes", status->config->queue.max_bytes);
	cli_json_int(json, "sessions", queue->sessions);
	cli_json_int(json, "deadLetters", queue->dead_letters);
	cli_json_int(json, "schemaVersion", queue->schema_version);
	cli_json_string(json, "incident", queue->incident[0] != '\0' ? queue->incident : NULL);
	cli_json_time(json, "incidentAt", queue->incident_us);
	fault_add(json, &status->queue_fault);
	cli_json_object_end(json);
}

static void config_add(struct cli_json *json, const struct cli_status *status)
{
	const char *problem;

	cli_json_object(json, "config");
	cli_json_string(json, "file",
			status->cli->home.config[0] != '\0' ? status->cli->home.config : NULL);
	cli_json_array(json, "problems");
	for (size_t i = 0;
	     status->config != NULL && (problem = fr_config_problem(status->config, i)) != NULL;
	     i++)
		cli_json_string(json, NULL, problem);
	cli_json_array_end(json);
	fault_add(json, &status->config_fault);
	cli_json_object_end(json);
}

static void ledger_add(struct cli_json *json, const struct cli_status *status,
		       const struct cli_sink_status *sink)
{
	const struct fr_sink_facts *facts = &sink->facts;

	cli_json_object(json, "ledger");
	cli_json_int(json, "committed", facts->committed);
	cli_json_int(json, "delivered", facts->delivered);
	cli_json_int(json, "queued", facts->queued);
	cli_json_int(json, "inBatches", facts->in_batches);
	cli_json_int(json, "dead", facts->dead);
	cli_json_int(json, "dropped", facts->dropped);
	cli_json_int(json, "unwanted", facts->unwanted);
	cli_json_bool(json, "balanced", facts->balanced);
	cli_json_object(json, "droppedBy");
	for (size_t i = 0; i < status->drop_count; i++) {
		if (strcmp(status->drops[i].sink, sink->name) == 0)
			cli_json_int(json, status->drops[i].reason, status->drops[i].events);
	}
	cli_json_object_end(json);
	cli_json_object_end(json);
}

static void sink_add(struct cli_json *json, const struct cli_status *status,
		     const struct cli_sink_status *sink)
{
	const struct fr_retry *retry = &sink->facts.row.retry;

	cli_json_object(json, NULL);
	cli_json_string(json, "name", sink->name);
	cli_json_string(json, "type", sink->type);
	cli_json_bool(json, "configured", sink->is_configured);
	cli_json_string(json, "state", sink->state);
	cli_json_string(json, "kind", sink->kind[0] != '\0' ? sink->kind : NULL);
	cli_json_string(json, "reason", sink->reason[0] != '\0' ? sink->reason : NULL);
	cli_json_int(json, "attempts", (int64_t)retry->attempts);
	if (sink->next_attempt_ms >= 0)
		cli_json_int(json, "nextAttemptInMs", sink->next_attempt_ms);
	else
		cli_json_null(json, "nextAttemptInMs");
	cli_json_time(json, "nextAttempt", cli_sink_next_us(status, sink));
	cli_json_time(json, "since", retry->since_us);
	cli_json_time(json, "lastSuccess", retry->last_success_us);
	cli_json_time(json, "oldestWaiting", sink->facts.oldest_waiting_us);
	cli_json_int(json, "openBatches", sink->facts.open_batches);
	cli_json_int(json, "ambiguous", (int64_t)retry->ambiguous);
	if (sink->is_in_queue)
		ledger_add(json, status, sink);
	cli_json_object_end(json);
}

enum fr_status cli_status_print_json(const struct cli_status *status, struct fr_error *err)
{
	struct cli_json json;

	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_string(&json, "version", FR_VERSION);
	cli_json_string(&json, "app", status->cli->home.app);
	cli_json_string(&json, "home", status->cli->home.path);
	cli_json_object(&json, "consent");
	cli_consent_add_json(&json, status);
	cli_json_object_end(&json);
	agent_add(&json, status);
	queue_add(&json, status);
	outage_add(&json, status);
	config_add(&json, status);
	cli_refused_add_json(&json, status);
	cli_json_array(&json, "sinks");
	for (size_t i = 0; i < status->sink_count; i++)
		sink_add(&json, status, &status->sinks[i]);
	cli_json_array_end(&json);
	cli_json_object_end(&json);
	return cli_json_finish(&json, err);
}
