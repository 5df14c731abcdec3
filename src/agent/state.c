/* What consent and the queue allow, and how the agent follows them. */
#include "agent/agent.h"

#include <assert.h>
#include <event2/event.h>

#include "agent/network.h"
#include "agent/tidy.h"
#include "base/text.h"
#include "queue/sent.h"

enum { BUSY_MS = 1000, RETRY_MS = 10000 };

const char *fr_agent_state_name(enum fr_agent_state state)
{
	switch (state) {
	case FR_AGENT_STARTING:
		return "starting";
	case FR_AGENT_SERVING:
		return "serving";
	case FR_AGENT_HOLDING:
		return "holding";
	case FR_AGENT_RESTING:
		return "resting";
	case FR_AGENT_STRANDED:
		return "stranded";
	case FR_AGENT_STOPPING:
		return "stopping";
	}
	return "unknown";
}

/* ---- states ---- */

/* The only place where the state changes. */
void fr_agent_move(struct fr_agent *agent, enum fr_agent_state to, const char *why)
{
	if (agent->state == to)
		return;
	assert(agent->state != FR_AGENT_STOPPING);
	assert(to != FR_AGENT_STARTING);
	fr_log(&agent->env.log, to == FR_AGENT_STRANDED ? FR_LOG_ERROR : FR_LOG_INFO, "agent.state",
	       "from=%s to=%s why=\"%s\"", fr_agent_state_name(agent->state),
	       fr_agent_state_name(to), why);
	agent->state = to;
}

static enum fr_agent_state state_wanted(enum fr_consent level)
{
	switch (level) {
	case FR_CONSENT_ON:
		return FR_AGENT_SERVING;
	case FR_CONSENT_LOCAL:
		return FR_AGENT_HOLDING;
	case FR_CONSENT_OFF:
		break;
	}
	return FR_AGENT_RESTING;
}

void fr_agent_close_queue(struct fr_agent *agent)
{
	fr_crew_close(&agent->crew);
	fr_queue_close(agent->queue);
	agent->queue = NULL;
}

enum fr_status fr_agent_open_queue(struct fr_agent *agent, struct fr_error *err)
{
	const struct fr_queue_options options = {
		.home = agent->home.path,
		.env = &agent->env,
		.durability = FR_POWER,
		.max_bytes = agent->config->queue.max_bytes,
		.busy_ms = BUSY_MS,
		.may_create = true,
		.exclusive_agent = true,
		.keep_sent = agent->config->privacy.keep_sent,
	};
	enum fr_status status = fr_home_make(&agent->home, err);

	if (status == FR_OK)
		status = fr_queue_open(&agent->queue, &options, err);
	if (status == FR_OK)
		status = fr_sent_suit(agent->queue, err);
	if (status == FR_OK)
		status = fr_crew_enlist(agent->queue, agent->config, NULL, err);
	if (status != FR_OK) {
		fr_agent_close_queue(agent);
		return status;
	}
	if (fr_queue_incident(agent->queue)[0] != '\0')
		fr_log(&agent->env.log, FR_LOG_WARN, "queue.incident", "%s",
		       fr_queue_incident(agent->queue));
	return FR_OK;
}

static void on_courier_progress(void *context)
{
	struct fr_agent *agent = context;

	event_active(&agent->progress, 0, 0);
}

static enum fr_status crew_open(struct fr_agent *agent, struct fr_error *err)
{
	const struct fr_crew_options options = {
		.loop = agent->loop,
		.queue = agent->queue,
		.env = &agent->env,
		.config = agent->config,
		.on_progress = on_courier_progress,
		.context = agent,
	};

	return fr_crew_open(&agent->crew, &options, err);
}

/* Closes what a state forbids and opens what it needs. */
static enum fr_status state_fit(struct fr_agent *agent, enum fr_agent_state wanted,
				struct fr_error *err)
{
	enum fr_status status = FR_OK;

	if (wanted == FR_AGENT_RESTING)
		fr_agent_close_queue(agent);
	else if (wanted == FR_AGENT_HOLDING)
		fr_crew_close(&agent->crew);
	if (wanted != FR_AGENT_RESTING && agent->queue == NULL)
		status = fr_agent_open_queue(agent, err);
	if (status == FR_OK && wanted == FR_AGENT_SERVING && agent->crew.members == NULL)
		status = crew_open(agent, err);
	return status;
}

static void state_follow(struct fr_agent *agent)
{
	enum fr_agent_state wanted = state_wanted(agent->consent.decision.level);
	struct fr_error err = {FR_OK, ""};

	if (state_fit(agent, wanted, &err) == FR_OK) {
		agent->trouble[0] = '\0';
		(void)event_del(&agent->retry);
		fr_agent_move(agent, wanted, agent->consent.decision.why);
		return;
	}
	fr_agent_close_queue(agent);
	(void)fr_text_copy(agent->trouble, sizeof agent->trouble, err.text);
	fr_agent_move(agent, FR_AGENT_STRANDED, err.text);
	fr_agent_arm(&agent->retry, RETRY_MS);
}

/* ---- looking ---- */

void fr_agent_look_at_consent(struct fr_agent *agent)
{
	struct fr_error fault = {FR_OK, ""};

	if (fr_consent_watch_look(&agent->consent, &fault) != FR_OK)
		fr_log(&agent->env.log, FR_LOG_WARN, "consent.fault", "%s", fault.text);
}

void fr_agent_look(struct fr_agent *agent, bool flush)
{
	if (agent->state == FR_AGENT_STOPPING)
		return;
	fr_agent_look_at_consent(agent);
	if (agent->queue != NULL && fr_queue_has_moved(agent->queue)) {
		fr_log(&agent->env.log, FR_LOG_WARN, "queue.moved", "home=%s", agent->home.path);
		fr_agent_close_queue(agent);
	}
	state_follow(agent);
	if (agent->state == FR_AGENT_SERVING && agent->next_config == NULL) {
		if (flush)
			fr_crew_flush(&agent->crew);
		else
			fr_crew_wake(&agent->crew);
	}
	fr_network_listen(agent->network, fr_crew_is_in_trouble(&agent->crew));
	fr_secrets_look(agent);
	if (agent->mailbox != NULL)
		fr_tidy_kick(agent);
}

bool fr_agent_is_done(const struct fr_agent *agent)
{
	return agent->state == FR_AGENT_SERVING && fr_crew_is_done(&agent->crew);
}

bool fr_agent_is_stuck(const struct fr_agent *agent, int64_t until_us)
{
	int64_t within_ms = (until_us - fr_env_boot_us(&agent->env)) / 1000;

	return agent->state != FR_AGENT_SERVING || fr_crew_is_stuck(&agent->crew, within_ms);
}

void fr_agent_follow_consent(struct fr_agent *agent)
{
	fr_agent_look_at_consent(agent);
	if (state_wanted(agent->consent.decision.level) != agent->state)
		state_follow(agent);
}
