/* The config, at the start and again.
 *
 * The happy path: the new one is read and found good, the couriers finish what is under way, and
 * then everything that stood on the old one is closed and opened anew. Requests are given two
 * seconds for that, since a request that is cut off may have been taken, and a sink without
 * idempotency would get its events twice.
 *
 * Failures: a config that is wrong is refused as a whole, and the former one stays.
 */
#include "agent/agent.h"

#include <event2/event.h>

#include "agent/control.h"

enum { RELOAD_MS = 2000 };

/* What the owner chose, the policy and the caps decide here. The default of the host does not:
 * what it was when an event was recorded stands in the event's row. */
void fr_agent_begin_consent(struct fr_agent *agent)
{
	struct fr_consent_rules rules = {
		.home = agent->home.path,
		.has_host_default = true,
		.host_default = FR_CONSENT_ON,
	};
	struct fr_error fault = {FR_OK, ""};

	fr_config_consent_rules(agent->config, &rules);
	if (fr_consent_watch_init(&agent->consent, &rules, &agent->env, &fault) != FR_OK)
		fr_log(&agent->env.log, FR_LOG_WARN, "consent.fault", "%s", fault.text);
}

void fr_agent_tell_problems(const struct fr_agent *agent)
{
	const char *problem;

	for (size_t i = 0; (problem = fr_config_problem(agent->config, i)) != NULL; i++)
		fr_log(&agent->env.log, FR_LOG_WARN, "config.problem", "%s", problem);
}

/* The couriers that were asked for it are gone. */
static bool is_flush_awaited(const struct fr_agent *agent)
{
	return agent->mailbox == NULL || fr_control_awaits_flush(agent->control);
}

void fr_agent_adopt_config(struct fr_agent *agent)
{
	(void)event_del(&agent->reload_due);
	fr_agent_close_queue(agent);
	fr_config_free(agent->config);
	agent->config = agent->next_config;
	agent->next_config = NULL;
	fr_secrets_doubt(agent);
	fr_agent_begin_consent(agent);
	fr_log(&agent->env.log, FR_LOG_INFO, "config.adopted", "file=%s sinks=%zu",
	       agent->config->file[0] != '\0' ? agent->config->file : "none",
	       agent->config->sink_count);
	fr_agent_tell_problems(agent);
	fr_agent_look(agent, is_flush_awaited(agent));
	if (agent->mailbox == NULL)
		fr_agent_arm(&agent->progress, FR_FIRST_LOOK_MS);
}

/* The config may have come into being, or moved to a place that comes first, since the start. */
static enum fr_status config_read(const struct fr_agent *agent, struct fr_config **out,
				  struct fr_error *err)
{
	const struct fr_agent_options *options = agent->options;
	struct fr_home found;
	enum fr_status status = fr_home_resolve(&found, &agent->env, options->app, options->home,
						options->config, err);

	if (status == FR_OK)
		status = fr_config_load(out, &found, FR_CONFIG_STRICT, &agent->env, err);
	return status;
}

void fr_agent_change_config(struct fr_agent *agent, struct fr_config *config)
{
	fr_config_free(agent->next_config);
	agent->next_config = config;
	fr_agent_look_at_consent(agent);
	if (agent->consent.decision.level != FR_CONSENT_ON || !fr_crew_is_busy(&agent->crew)) {
		fr_agent_adopt_config(agent);
		return;
	}
	fr_crew_stop(&agent->crew);
	fr_agent_arm(&agent->reload_due, RELOAD_MS);
}

enum fr_status fr_agent_reload(struct fr_agent *agent, struct fr_error *err)
{
	struct fr_config *config = NULL;
	enum fr_status status;

	if (agent->state == FR_AGENT_STOPPING)
		return fr_fail(err, FR_BUSY, "the agent is about to end");
	status = config_read(agent, &config, err);
	if (status != FR_OK) {
		fr_log(&agent->env.log, FR_LOG_ERROR, "config.refused", "the former one stays: %s",
		       err->text);
		fr_agent_look(agent, false); /* consent may have changed all the same */
		return status;
	}
	fr_agent_change_config(agent, config);
	return FR_OK;
}
