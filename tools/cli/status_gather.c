/* Each source is asked on its own and may fail on its own; what the agent says of a sink comes
 * last and replaces what the queue remembers of it.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli.h"
#include "json_read.h"
#include "look.h"
#include "outage.h"
#include "status.h"

/* ---- the agent ---- */

void cli_status_ask_agent(struct cli_status *status)
{
	const struct cli *cli = status->cli;
	enum fr_status asked =
		cli_agent_ask(cli->home.path, &cli->env, "GET /status", CLI_AGENT_PATIENCE_MS,
			      &status->agent_answer, &status->agent_fault);
	struct cli_value answer = {status->agent_answer.body.data,
				   status->agent_answer.body.length};

	if (asked == FR_NONE) {
		status->agent = CLI_AGENT_DOWN;
		return;
	}
	status->agent = CLI_AGENT_SILENT;
	if (asked != FR_OK)
		return;
	status->agent_pid = cli_value_int(cli_value_member(answer, "pid"), 0);
	if (status->agent_answer.status != 200 || status->agent_pid == 0) {
		(void)fr_fail(&status->agent_fault, FR_IO, "the agent answers %d to GET /status",
			      status->agent_answer.status);
		return;
	}
	status->agent = CLI_AGENT_UP;
	status->agent_uptime_s = cli_value_int(cli_value_member(answer, "uptimeSeconds"), 0);
	(void)cli_value_string(cli_value_member(answer, "version"), status->agent_version,
			       sizeof status->agent_version);
	(void)cli_value_string(cli_value_member(answer, "state"), status->agent_state,
			       sizeof status->agent_state);
	(void)cli_value_string(cli_value_member(answer, "trouble"), status->agent_trouble,
			       sizeof status->agent_trouble);
}

/* ---- sinks ---- */

static struct cli_sink_status *sink_named(struct cli_status *status, const char *name)
{
	struct cli_sink_status *sink;

	for (size_t i = 0; i < status->sink_count; i++) {
		if (strcmp(status->sinks[i].name, name) == 0)
			return &status->sinks[i];
	}
	if (status->sink_count == CLI_SINKS_MAX)
		return NULL;
	sink = &status->sinks[status->sink_count++];
	*sink = (struct cli_sink_status){.next_attempt_ms = -1};
	(void)fr_text_copy(sink->name, sizeof sink->name, name);
	return sink;
}

/* From the persisted state: what is left of the wait, all of it when the machine was booted anew.
 */
static int64_t wait_left_ms(const struct fr_env *env, const struct fr_retry *retry)
{
	int64_t left_us = retry->wait_us;

	if (strcmp(retry->boot_id, env->boot_id) == 0)
		left_us -= fr_env_boot_us(env) - retry->saved_boot_us;
	return left_us > 0 ? left_us / 1000 : 0;
}

static void on_sink(void *context, const struct fr_sink_facts *facts)
{
	struct cli_status *status = context;
	const struct fr_retry *retry = &facts->row.retry;
	struct cli_sink_status *sink = sink_named(status, facts->row.name);

	if (sink == NULL)
		return;
	sink->facts = *facts;
	sink->is_in_queue = true;
	(void)fr_text_copy(sink->type, sizeof sink->type, facts->row.type);
	(void)fr_text_copy(sink->kind, sizeof sink->kind, retry->kind);
	(void)fr_text_copy(sink->reason, sizeof sink->reason, retry->reason);
	(void)fr_text_copy(sink->state, sizeof sink->state,
			   facts->ended          ? "removed"
			   : retry->paused       ? "paused"
			   : retry->attempts > 0 ? "waiting"
						 : "idle");
	if (retry->wait_us > 0 && !facts->ended)
		sink->next_attempt_ms = wait_left_ms(&status->cli->env, retry);
}

static void on_ledger(void *context, const char *sink, const char *kind, int64_t events)
{
	static const char dropped[] = "dropped:";
	struct cli_status *status = context;
	struct cli_drop *drop;

	if (strncmp(kind, dropped, sizeof dropped - 1) != 0 || events == 0 ||
	    status->drop_count == CLI_DROPS_MAX)
		return;
	drop = &status->drops[status->drop_count++];
	(void)fr_text_copy(drop->sink, sizeof drop->sink, sink);
	(void)fr_text_copy(drop->reason, sizeof drop->reason, kind + sizeof dropped - 1);
	drop->events = events;
}

static void on_refused(void *context, const char *reason, const char *name, int64_t events,
		       int64_t last_us)
{
	struct cli_status *status = context;
	struct cli_refusal *refusal;

	if (status->refusal_count == CLI_REFUSALS_MAX) {
		status->refusals_left_out++;
		return;
	}
	refusal = &status->refusals[status->refusal_count++];
	(void)fr_text_copy(refusal->reason, sizeof refusal->reason, reason);
	(void)fr_text_copy(refusal->name, sizeof refusal->name, name);
	refusal->events = events;
	refusal->last_us = last_us;
}

static void queue_gather(struct cli_status *status)
{
	struct fr_snapshot *snapshot = NULL;
	struct fr_error *err = &status->queue_fault;
	enum fr_status looked = cli_snapshot_open(status->cli, &snapshot, err);

	if (looked == FR_OK)
		looked = fr_snapshot_facts(snapshot, &status->queue, err);
	if (looked == FR_OK)
		looked = fr_snapshot_pace(snapshot, fr_env_wall_us(&status->cli->env) - CLI_PACE_US,
					  &status->pace, err);
	if (looked == FR_OK)
		looked = fr_snapshot_sinks(snapshot, on_sink, status, err);
	if (looked == FR_OK)
		looked = fr_snapshot_ledger(snapshot, on_ledger, status, err);
	if (looked == FR_OK)
		looked = fr_snapshot_refused(snapshot, on_refused, status, err);
	err->status = looked;
	fr_snapshot_close(snapshot);
}

static void config_gather(struct cli_status *status)
{
	const struct cli *cli = status->cli;
	struct fr_config *config = NULL;

	if (fr_config_load(&config, &cli->home, FR_CONFIG_STRICT, &cli->env,
			   &status->config_fault) != FR_OK)
		return;
	status->config = config;
	for (size_t i = 0; i < config->sink_count; i++) {
		const char *missing = fr_config_missing_secret(config, i);
		struct cli_sink_status *sink = sink_named(status, config->sinks[i].name);

		if (sink == NULL)
			continue;
		sink->is_configured = true;
		(void)fr_text_copy(sink->type, sizeof sink->type, config->sinks[i].type);
		if (!sink->is_in_queue || sink->facts.ended)
			(void)fr_text_copy(sink->state, sizeof sink->state, "new");
		if (missing != NULL && sink->reason[0] == '\0')
			(void)fr_text_copy(sink->reason, sizeof sink->reason, missing);
	}
}

/* What the agent says is newer than what the queue remembers. */
static void agent_apply(struct cli_status *status)
{
	struct cli_value answer = {status->agent_answer.body.data,
				   status->agent_answer.body.length};
	struct cli_value list = cli_value_member(answer, "sinks");

	for (size_t i = 0; status->agent == CLI_AGENT_UP && i < CLI_SINKS_MAX; i++) {
		struct cli_value element = cli_value_element(list, i);
		char name[FR_SINK_NAME_MAX + 1];
		struct cli_sink_status *sink;

		if (!cli_value_string(cli_value_member(element, "name"), name, sizeof name))
			return;
		sink = sink_named(status, name);
		if (sink == NULL)
			return;
		(void)cli_value_string(cli_value_member(element, "state"), sink->state,
				       sizeof sink->state);
		(void)cli_value_string(cli_value_member(element, "kind"), sink->kind,
				       sizeof sink->kind);
		(void)cli_value_string(cli_value_member(element, "reason"), sink->reason,
				       sizeof sink->reason);
		sink->next_attempt_ms =
			cli_value_int(cli_value_member(element, "nextAttemptInMs"), -1);
	}
}

void cli_status_gather(struct cli_status *status, const struct cli *cli)
{
	*status = (struct cli_status){.cli = cli};
	(void)cli_consent_decide(cli, &status->consent, &status->consent_fault);
	cli_status_ask_agent(status);
	queue_gather(status);
	config_gather(status);
	agent_apply(status);
}

int64_t cli_sink_next_us(const struct cli_status *status, const struct cli_sink_status *sink)
{
	if (sink->next_attempt_ms < 0)
		return 0;
	return fr_env_wall_us(&status->cli->env) + sink->next_attempt_ms * 1000;
}

bool cli_status_outage(const struct cli_status *status, struct cli_outage *out)
{
	const struct fr_config *config = status->config;

	if (status->queue_fault.status != FR_OK || config == NULL)
		return false;
	cli_outage_reckon(out, &status->pace, fr_env_wall_us(&status->cli->env),
			  fr_queue_database_bytes(config->queue.max_bytes) -
				  status->pace.used_bytes,
			  config->queue.max_age_ms);
	return true;
}

void cli_status_fini(struct cli_status *status)
{
	fr_config_free(status->config);
	cli_answer_fini(&status->agent_answer);
}

int cli_status_judge(const struct cli_status *status)
{
	enum fr_status queue = status->queue_fault.status;

	if ((queue != FR_OK && queue != FR_NONE) || status->config_fault.status != FR_OK ||
	    status->consent_fault.status != FR_OK || status->agent == CLI_AGENT_SILENT ||
	    status->agent_trouble[0] != '\0')
		return CLI_WRONG;
	for (size_t i = 0; i < status->sink_count; i++) {
		if (status->sinks[i].is_in_queue && !status->sinks[i].facts.balanced)
			return CLI_WRONG;
	}
	return CLI_DONE;
}
