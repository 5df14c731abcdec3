/* The happy path: something is recorded, a batch of it is due, it is sent and taken; the next one
 * follows at once when it is due, or in 15 s.
 *
 * An answer that is none leads to fr_retry_fail, and the batch, frozen, goes again when the wait is
 * over. Time passes in between without turns: what was recorded meanwhile is drawn when somebody
 * looks.
 */
#include "fleet/agent.h"

#include <assert.h>
#include <math.h>

enum { MAX_EVENTS = 100, MAX_WAIT_S = 15, START_MINUTE_S = 60, BURST_MOST = 1000 };

static const struct fr_backoff usual = {1000, 300000};

/* ---- chance ---- */

/* splitmix64: each agent has a sequence of its own, whatever the others do. */
static uint64_t chance(struct fleet_agent *agent)
{
	uint64_t z = agent->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Exponential with this mean. */
static double chance_around(struct fleet_agent *agent, double mean)
{
	double uniform = ((double)(chance(agent) >> 11) + 1) / 9007199254740992.0;

	return -log(uniform) * mean;
}

static uint32_t chance_events(struct fleet_agent *agent, double mean)
{
	double events = ceil(chance_around(agent, mean));

	return events < BURST_MOST ? (uint32_t)events : BURST_MOST;
}

static struct fr_moment moment_at(struct fleet_agent *agent, int64_t now_us)
{
	return (struct fr_moment){
		.wall_us = now_us,
		.boot_us = now_us,
		.boot_id = "this boot",
		.random = chance(agent),
	};
}

/* ---- what the host records ---- */

static int64_t burst_draw(struct fleet_agent *agent)
{
	return (int64_t)chance_around(agent, agent->between_bursts_us) + 1;
}

static void agent_record(struct fleet_agent *agent, const struct fleet_habits *habits,
			 int64_t until_us)
{
	while (agent->next_burst_us <= until_us) {
		if (agent->waiting == 0)
			agent->seen_us = agent->next_burst_us;
		agent->waiting += chance_events(agent, habits->events_per_burst);
		agent->next_burst_us += burst_draw(agent);
	}
}

/* ---- the courier ---- */

static uint32_t most_events(const struct fleet_agent *agent)
{
	return agent->retry.ramp > 0 && agent->retry.ramp < MAX_EVENTS ? agent->retry.ramp
								       : MAX_EVENTS;
}

static int64_t due_us(const struct fleet_agent *agent)
{
	if (agent->frozen > 0 || agent->waiting >= most_events(agent))
		return 0;
	return agent->waiting > 0 ? agent->seen_us + MAX_WAIT_S * FLEET_SECOND_US : FLEET_NEVER;
}

static void batch_freeze(struct fleet_agent *agent, int64_t now_us)
{
	if (agent->frozen > 0)
		return;
	agent->frozen = agent->waiting < most_events(agent) ? agent->waiting : most_events(agent);
	agent->waiting -= agent->frozen;
	agent->seen_us = now_us;
}

static int64_t agent_send(struct fleet_agent *agent, const struct fleet_scenario *scenario,
			  int64_t now_us, bool *arrives)
{
	struct fleet_reply reply;

	batch_freeze(agent, now_us);
	fleet_reply_make(&reply, scenario, agent->is_troubled, now_us);
	agent->is_sending = true;
	agent->sent_us = now_us;
	*arrives = reply.arrives;
	return now_us + reply.after_us;
}

/* Its wait is over, or it had none. */
static int64_t agent_look(struct fleet_agent *agent, const struct fleet_scenario *scenario,
			  const struct fleet_habits *habits, int64_t now_us, bool *arrives)
{
	struct fr_moment now = moment_at(agent, now_us);
	int64_t left_us = fr_retry_left_us(&agent->retry, &now);
	bool has_waited = agent->retry.wait_us > 0 || agent->retry.paused;

	if (left_us > 0)
		return now_us + left_us;
	agent_record(agent, habits, now_us);
	agent->retry.wait_us = 0;
	if (due_us(agent) <= now_us || (has_waited && agent->waiting > 0))
		return agent_send(agent, scenario, now_us, arrives);
	return due_us(agent) < agent->next_burst_us ? due_us(agent) : agent->next_burst_us;
}

static void batch_acked(struct fleet_agent *agent, const struct fr_moment *now)
{
	fr_retry_succeed(&agent->retry, now);
	fr_retry_pace(&agent->retry, &usual, now);
	if (agent->owed > 0) {
		agent->owed -= agent->owed < agent->frozen ? agent->owed : agent->frozen;
		if (agent->owed == 0)
			agent->caught_up_us = now->boot_us;
	}
	agent->frozen = 0;
}

static void agent_judge(struct fleet_agent *agent, const struct fleet_scenario *scenario,
			int64_t now_us)
{
	struct fr_moment now = moment_at(agent, now_us);
	struct fleet_reply reply;
	struct fr_verdict verdict;

	fleet_reply_make(&reply, scenario, agent->is_troubled, agent->sent_us);
	verdict = fr_verdict_of(&(struct fr_verdict_input){
		.outcome = reply.outcome,
		.transport_text = reply.text,
		.answer = &reply.answer,
		.last_kind = agent->retry.kind,
		.streak = agent->retry.streak,
	});
	agent->is_sending = false;
	if (verdict.action == FR_ACT_ACK) {
		batch_acked(agent, &now);
		return;
	}
	assert(verdict.action == FR_ACT_RETRY || verdict.action == FR_ACT_PAUSE);
	fr_retry_fail(&agent->retry, &verdict, &usual, &now);
}

int64_t fleet_agent_turn(struct fleet_agent *agent, const struct fleet_scenario *scenario,
			 const struct fleet_habits *habits, int64_t now_us, bool *arrives)
{
	*arrives = false;
	if (!agent->is_started) {
		struct fr_moment now = moment_at(agent, now_us);

		agent->is_started = true;
		fr_retry_start(&agent->retry, &usual, &now);
	}
	if (agent->is_sending)
		agent_judge(agent, scenario, now_us);
	return agent_look(agent, scenario, habits, now_us, arrives);
}

/* ---- its life ---- */

int64_t fleet_agent_begin(struct fleet_agent *agent, uint64_t seed,
			  const struct fleet_scenario *scenario, const struct fleet_habits *habits,
			  uint32_t number)
{
	*agent = (struct fleet_agent){.random = seed ^ ((uint64_t)number << 32)};
	(void)chance(agent);
	agent->random ^= chance(agent);
	agent->between_bursts_us = 3600e6 / chance_around(agent, habits->bursts_per_hour);
	agent->next_burst_us = burst_draw(agent);
	agent->is_troubled = number % 100 < scenario->office_percent;
	agent->caught_up_us = FLEET_NEVER;
	agent->retry = (struct fr_retry){.boot_id = "this boot"};
	if (!scenario->starts_together) {
		agent->is_started = true;
		return agent->next_burst_us;
	}
	if (scenario->trouble == FLEET_REBOOT)
		agent->retry = (struct fr_retry){.boot_id = "another boot"};
	agent->waiting = chance_events(agent, scenario->backlog);
	return (int64_t)(chance(agent) % (START_MINUTE_S * (uint64_t)FLEET_SECOND_US));
}

int64_t fleet_agent_relieve(struct fleet_agent *agent, const struct fleet_scenario *scenario,
			    const struct fleet_habits *habits, int64_t now_us)
{
	struct fr_moment now = moment_at(agent, now_us);

	agent_record(agent, habits, now_us);
	agent->owed = agent->waiting + agent->frozen;
	if (agent->owed == 0)
		agent->caught_up_us = now_us;
	if (scenario->trouble != FLEET_OFFICE || !agent->is_troubled || agent->is_sending ||
	    fr_retry_left_us(&agent->retry, &now) == 0)
		return FLEET_NEVER;
	fr_retry_hasten(&agent->retry, FR_NETWORK_JITTER_MS, &now);
	return now_us + fr_retry_left_us(&agent->retry, &now);
}
