#include "agent/report.h"

#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
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

static void add_sink(struct fr_buffer *out, const struct fr_crew_member *member, int64_t now_us)
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
	add_time(out, "nextAttempt",
		 facts.next_attempt_in_ms < 0 ? 0 : now_us + facts.next_attempt_in_ms * 1000);
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
	int64_t now_us = fr_env_wall_us(&agent->env);

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
		add_sink(out, &agent->crew.members[i], now_us);
	}
	fr_buffer_add_text(out, "]}\n");
}
