/* The happy path: consent lets events leave, the queue opens, every sink has its courier; from
 * then on datagrams and timers do everything, and each of them ends in a look.
 *
 * Failures: consent that is withdrawn closes what it forbids, at once and in mid-request. A queue
 * that was moved or deleted is closed and opened anew. One that cannot be opened leaves the agent
 * stranded, which says why in its status and tries again. What fails while it starts is reported
 * and ends it.
 */
#include "agent/agent.h"

#include <event2/event.h>
#include <signal.h>

#include "agent/control.h"
#include "agent/mailbox.h"
#include "agent/network.h"
#include "agent/tidy.h"
#include "base/file.h"

enum { STOP_MS = 1500 };

void fr_agent_arm(struct event *timer, int64_t ms)
{
	const struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
				     .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	(void)event_add(timer, &wait);
}

/* ---- ending ---- */

void fr_agent_stop(struct fr_agent *agent)
{
	if (agent->state == FR_AGENT_STOPPING) {
		(void)event_base_loopbreak(agent->loop);
		return;
	}
	fr_agent_move(agent, FR_AGENT_STOPPING, "told to");
	(void)event_del(&agent->reload_due);
	fr_crew_stop(&agent->crew);
	if (fr_crew_is_busy(&agent->crew))
		fr_agent_arm(&agent->patience, STOP_MS);
	else
		(void)event_base_loopbreak(agent->loop);
}

/* A courier got somewhere, a reload waited long enough, or patience ran out. */
static void agent_settle(struct fr_agent *agent, bool is_patient)
{
	bool is_busy = fr_crew_is_busy(&agent->crew);

	if (agent->state == FR_AGENT_STOPPING) {
		if (!is_patient || !is_busy)
			(void)event_base_loopbreak(agent->loop);
		return;
	}
	if (agent->next_config != NULL && !is_busy)
		fr_agent_adopt_config(agent);
	fr_agent_follow_consent(agent);
	fr_network_listen(agent->network, fr_crew_is_in_trouble(&agent->crew));
	fr_secrets_look(agent);
	if (agent->mailbox == NULL) {
		if (!is_patient || fr_agent_is_done(agent) ||
		    fr_agent_is_stuck(agent, agent->drain_until_us))
			fr_agent_stop(agent);
		return;
	}
	fr_tidy_kick(agent);
	fr_control_settle(agent->control);
}

/* ---- events ---- */

static void on_stop(evutil_socket_t number, short what, void *context)
{
	(void)number;
	(void)what;
	fr_agent_stop(context);
}

static void on_hangup(evutil_socket_t number, short what, void *context)
{
	(void)number;
	(void)what;
	(void)fr_agent_reload(context, &(struct fr_error){FR_OK, ""}); /* it logs what is wrong */
}

static void on_progress(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	agent_settle(context, true);
}

static void on_impatience(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	agent_settle(context, false);
}

static void on_reload_due(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	fr_agent_adopt_config(context);
	agent_settle(context, true);
}

static void on_retry(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	fr_agent_look(context, false);
}

/* Waits count the time asleep, their timers do not: so everybody looks at the clock. */
static void on_network_change(void *context)
{
	struct fr_agent *agent = context;

	fr_agent_look(agent, false);
	fr_crew_network_changed(&agent->crew);
}

static void on_look(void *context, bool flush)
{
	fr_agent_look(context, flush);
}

static void events_assign(struct fr_agent *agent)
{
	struct event_base *loop = agent->loop;

	(void)evsignal_assign(&agent->terminate, loop, SIGTERM, on_stop, agent);
	(void)evsignal_assign(&agent->interrupt, loop, SIGINT, on_stop, agent);
	(void)evsignal_assign(&agent->hangup, loop, SIGHUP, on_hangup, agent);
	(void)event_assign(&agent->progress, loop, -1, 0, on_progress, agent);
	(void)evtimer_assign(&agent->patience, loop, on_impatience, agent);
	(void)evtimer_assign(&agent->reload_due, loop, on_reload_due, agent);
	(void)evtimer_assign(&agent->retry, loop, on_retry, agent);
	fr_tidy_init(agent);
	fr_secrets_init(agent);
	agent->has_events = true;
}

/* ---- life ---- */

static enum fr_status home_enter(struct fr_agent *agent, struct fr_error *err)
{
	enum fr_status status = fr_folder_check(agent->home.path, err);

	if (status == FR_NONE && agent->consent.decision.level == FR_CONSENT_OFF)
		return fr_fail(err, FR_OFF, "nothing to do: %s", agent->consent.decision.why);
	if (status == FR_OK || status == FR_NONE)
		status = fr_home_make(&agent->home, err);
	if (status == FR_OK)
		status = fr_instance_take(&agent->instance, agent->home.path, err);
	return status;
}

static enum fr_status network_watch(struct fr_agent *agent, struct fr_error *err)
{
	const struct fr_network_options options = {
		.loop = agent->loop,
		.env = &agent->env,
		.on_change = on_network_change,
		.context = agent,
	};

	return fr_network_open(&agent->network, &options, err);
}

static enum fr_status loop_make(struct fr_agent *agent, struct fr_error *err)
{
	agent->loop = event_base_new();
	if (agent->loop == NULL)
		return fr_fail(err, FR_IO, "cannot make an event loop");
	events_assign(agent);
	if (event_add(&agent->terminate, NULL) != 0 || event_add(&agent->interrupt, NULL) != 0 ||
	    event_add(&agent->hangup, NULL) != 0)
		return fr_fail(err, FR_IO, "cannot listen to signals");
	return network_watch(agent, err);
}

/* The queue knows the sinks before the mailbox is bound: whoever is heard may rely on that. */
static enum fr_status doors_open(struct fr_agent *agent, struct fr_error *err)
{
	const struct fr_mailbox_options mailbox = {
		.loop = agent->loop,
		.home = agent->home.path,
		.on_look = on_look,
		.context = agent,
	};
	enum fr_status status = fr_mailbox_open(&agent->mailbox, &mailbox, err);

	if (status == FR_OK)
		status = fr_control_open(&agent->control, agent, err);
	return status;
}

enum fr_status fr_agent_open(struct fr_agent *agent, const struct fr_agent_options *options,
			     const struct fr_env *env, struct fr_error *err)
{
	enum fr_status status;

	*agent = (struct fr_agent){.options = options, .env = *env, .instance = {.fd = -1}};
	agent->started_us = fr_env_boot_us(env);
	status = fr_home_resolve(&agent->home, &agent->env, options->app, options->home,
				 options->config, err);
	if (status == FR_OK)
		status = fr_config_load(&agent->config, &agent->home, FR_CONFIG_STRICT, &agent->env,
					err);
	if (status == FR_OK) {
		fr_agent_begin_consent(agent);
		fr_agent_tell_problems(agent);
		status = home_enter(agent, err);
	}
	if (status == FR_OK)
		status = loop_make(agent, err);
	if (status == FR_OK && agent->consent.decision.level != FR_CONSENT_OFF)
		status = fr_agent_open_queue(agent, err);
	if (status == FR_OK && options->task == FR_TASK_SERVE)
		status = doors_open(agent, err);
	if (status != FR_OK)
		fr_agent_close(agent);
	return status;
}

void fr_agent_run(struct fr_agent *agent)
{
	if (agent->mailbox != NULL) {
		fr_mailbox_start(agent->mailbox);
	} else {
		agent->drain_until_us =
			fr_env_boot_us(&agent->env) + agent->options->drain_ms * 1000;
		fr_agent_arm(&agent->patience, agent->options->drain_ms);
		fr_agent_look(agent, true);
		fr_agent_arm(&agent->progress, FR_FIRST_LOOK_MS);
	}
	fr_log(&agent->env.log, FR_LOG_INFO, "agent.started", "version=%s home=%s config=%s",
	       FR_VERSION, agent->home.path,
	       agent->config->file[0] != '\0' ? agent->config->file : "none");
	(void)event_base_dispatch(agent->loop);
	fr_log(&agent->env.log, FR_LOG_INFO, "agent.ended", "home=%s", agent->home.path);
}

static void events_forget(struct fr_agent *agent)
{
	(void)event_del(&agent->terminate);
	(void)event_del(&agent->interrupt);
	(void)event_del(&agent->hangup);
	(void)event_del(&agent->progress);
	(void)event_del(&agent->patience);
	(void)event_del(&agent->reload_due);
	(void)event_del(&agent->retry);
	fr_tidy_fini(agent);
	fr_secrets_fini(agent);
	agent->has_events = false;
}

void fr_agent_close(struct fr_agent *agent)
{
	fr_agent_close_queue(agent);
	fr_mailbox_close(agent->mailbox);
	agent->mailbox = NULL;
	if (agent->has_events)
		events_forget(agent);
	fr_control_close(agent->control);
	agent->control = NULL;
	fr_network_close(agent->network);
	agent->network = NULL;
	if (agent->loop != NULL)
		event_base_free(agent->loop);
	agent->loop = NULL;
	fr_config_free(agent->next_config);
	fr_config_free(agent->config);
	agent->next_config = agent->config = NULL;
	fr_instance_give(&agent->instance);
}
