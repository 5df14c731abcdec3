/* The happy path: a sink is paused for credentials, somebody writes a new token, the watch of its
 * folder says so, and a moment later the config is read once more from memory, with the secrets
 * of now. The watch is kept until something changes, since closing one takes milliseconds.
 *
 * Failures: a file that cannot be read, or is empty because it is just being written, leaves its
 * former value in force. Where folders cannot be watched, the next probe finds the new secret.
 */
#include "agent/secrets.h"

#include <event2/event.h>

#include "agent/agent.h"

enum { QUIET_MS = 100 };

/* ---- watching ---- */

static void on_quiet(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	fr_secrets_look(context);
}

static void on_changed(evutil_socket_t fd, short what, void *context)
{
	struct fr_agent *agent = context;

	(void)fd;
	(void)what;
	fr_watch_read(&agent->secrets.watch);
	fr_secrets_doubt(agent);
	if (!evtimer_pending(&agent->secrets.quiet, NULL))
		fr_agent_arm(&agent->secrets.quiet, QUIET_MS);
}

static void watch_begin(struct fr_agent *agent)
{
	struct fr_secrets *secrets = &agent->secrets;
	struct fr_error err = {FR_OK, ""};
	const char *path;

	if (fr_watch_open(&secrets->watch, &err) != FR_OK) {
		fr_log(&agent->env.log, FR_LOG_WARN, "secrets.unwatched", "%s", err.text);
		return;
	}
	for (size_t i = 0; (path = fr_config_secret_file(agent->config, i)) != NULL; i++)
		fr_watch_add(&secrets->watch, path);
	fr_log(&agent->env.log, FR_LOG_DEBUG, "secrets.watched", "file=%s", agent->config->file);
	(void)event_assign(&secrets->changed, agent->loop, secrets->watch.fd, EV_READ | EV_PERSIST,
			   on_changed, agent);
	(void)event_add(&secrets->changed, NULL);
}

static void watch_end(struct fr_secrets *secrets)
{
	if (secrets->watch.fd < 0)
		return;
	(void)event_del(&secrets->changed);
	fr_watch_close(&secrets->watch);
}

static void watch_follow(struct fr_agent *agent)
{
	struct fr_secrets *secrets = &agent->secrets;
	bool is_wanted = fr_config_secret_file(agent->config, 0) != NULL &&
			 fr_crew_wants_credentials(&agent->crew);

	if (!is_wanted || secrets->is_stale)
		watch_end(secrets);
	if (is_wanted && secrets->watch.fd < 0)
		watch_begin(agent);
	secrets->is_stale = false;
}

/* ---- looking ---- */

static void secrets_renew(struct fr_agent *agent)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_config *renewed = NULL;

	if (fr_config_renew(&renewed, agent->config, &agent->env, &err) != FR_OK) {
		fr_log(&agent->env.log, FR_LOG_ERROR, "secrets.failed", "%s", err.text);
		return;
	}
	if (fr_config_has_same_secrets(renewed, agent->config)) {
		fr_config_free(renewed);
		return;
	}
	fr_log(&agent->env.log, FR_LOG_INFO, "secrets.changed", "file=%s", renewed->file);
	fr_agent_change_config(agent, renewed);
}

/* A config that waits to take over has read them after this one. */
void fr_secrets_look(struct fr_agent *agent)
{
	if (agent->state == FR_AGENT_STOPPING || agent->next_config != NULL)
		return;
	watch_follow(agent); /* first, so that no change falls in between */
	if (!fr_config_secrets_have_moved(agent->config))
		return;
	fr_secrets_doubt(agent);
	watch_follow(agent);
	secrets_renew(agent);
}

void fr_secrets_doubt(struct fr_agent *agent)
{
	agent->secrets.is_stale = true;
}

void fr_secrets_init(struct fr_agent *agent)
{
	agent->secrets.watch.fd = -1;
	(void)evtimer_assign(&agent->secrets.quiet, agent->loop, on_quiet, agent);
}

void fr_secrets_fini(struct fr_agent *agent)
{
	watch_end(&agent->secrets);
	(void)event_del(&agent->secrets.quiet);
}
