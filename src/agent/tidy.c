/* The happy path: something happened, so after a moment one step of upkeep runs, and again as
 * long as there is more. The step after which nobody is sending and nobody has recorded for a
 * while is the idle one: it empties the WAL and gives pages back. Then nothing is armed, but once
 * an hour while rows are left that may grow too old.
 *
 * Failures: a queue that is locked or full is tried again later; the couriers live by the same
 * queue and say what is wrong with it.
 */
#include "agent/tidy.h"

#include <event2/event.h>

#include "agent/agent.h"
#include "agent/mailbox.h"

enum { SOON_MS = 100, TROUBLE_MS = 5000, HOUR_MS = 3600 * 1000, STEPS_NOW = 1000 };

static void tidy_arm(struct fr_agent *agent, int ms)
{
	const struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	(void)event_add(&agent->tidy, &wait);
}

static bool is_idle(const struct fr_agent *agent)
{
	return fr_mailbox_is_quiet(agent->mailbox) && !fr_crew_is_busy(&agent->crew);
}

static void tidy_step(struct fr_agent *agent)
{
	struct fr_upkeep upkeep = {.max_age_ms = agent->config->queue.max_age_ms};
	struct fr_error err = {FR_OK, ""};
	enum fr_status status;

	if (agent->queue == NULL)
		return;
	upkeep.idle = is_idle(agent);
	status = fr_queue_upkeep(agent->queue, &upkeep, &err);
	if (status == FR_NONE) {
		fr_agent_look(agent, false); /* it was moved away */
	} else if (status != FR_OK) {
		fr_log(&agent->env.log, FR_LOG_WARN, "upkeep.failed", "%s", err.text);
		tidy_arm(agent, TROUBLE_MS);
	} else if (upkeep.more) {
		tidy_arm(agent, 0);
	} else if (upkeep.idle && upkeep.ageing) {
		tidy_arm(agent, HOUR_MS);
	}
}

static void on_tidy(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	tidy_step(context);
}

void fr_tidy_init(struct fr_agent *agent)
{
	(void)evtimer_assign(&agent->tidy, agent->loop, on_tidy, agent);
}

void fr_tidy_fini(struct fr_agent *agent)
{
	(void)event_del(&agent->tidy);
}

/* Not put off by a second kick; brought forward from an hour. */
void fr_tidy_kick(struct fr_agent *agent)
{
	const struct timeval soon = {.tv_usec = SOON_MS * 1000};
	struct timeval due, now;

	if (event_pending(&agent->tidy, EV_TIMEOUT, &due)) {
		(void)evutil_gettimeofday(&now, NULL);
		evutil_timeradd(&now, &soon, &now);
		if (!evutil_timercmp(&due, &now, >))
			return;
	}
	tidy_arm(agent, SOON_MS);
}

void fr_tidy_now(struct fr_agent *agent)
{
	struct fr_upkeep upkeep = {.idle = true, .more = true};

	for (int i = 0; i < STEPS_NOW && upkeep.more; i++)
		if (fr_queue_upkeep(agent->queue, &upkeep, NULL) != FR_OK)
			return; /* the next agent goes on */
}
