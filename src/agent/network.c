/* The happy path: a sink is out of reach, so a socket for routes is opened; the network comes back
 * with a dozen messages; when they have come to rest the agent is told, and once all sinks are well
 * again the socket is closed.
 *
 * Failures: where the socket cannot be had, that is said once, and waits end by their own time.
 */
#include "agent/network.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/route.h"
#include "base/sleep.h"

enum { QUIET_MS = 200, SOON_MS = 1000 };

struct fr_network {
	struct fr_network_options options;
	int route_fd;  /* -1: nobody waits for the network */
	int resume_fd; /* -1: the system has none */
	bool is_mute;  /* there is no socket to be had; said already */
	struct event routes;
	struct event resume;
	struct event quiet;
	int64_t first_us; /* boot clock: the first of the news that are not told yet; 0: none */
	struct fr_sleep sleep;
};

/* The news are told at the end of the quiet. */
static void news_note(struct fr_network *network)
{
	int64_t now_us = fr_env_boot_us(network->options.env);
	struct timeval wait = {.tv_usec = QUIET_MS * 1000};

	if (network->first_us == 0)
		network->first_us = now_us;
	if (now_us - network->first_us < (SOON_MS - QUIET_MS) * 1000)
		(void)event_add(&network->quiet, &wait);
}

static bool has_slept(struct fr_network *network)
{
	return fr_sleep_look(&network->sleep, fr_env_boot_us(network->options.env),
			     fr_sleep_awake_us());
}

static void news_tell(struct fr_network *network)
{
	network->first_us = 0;
	fr_log(&network->options.env->log, FR_LOG_INFO, "network.changed", "slept=%s",
	       has_slept(network) ? "yes" : "no");
	network->options.on_change(network->options.context);
}

/* ---- events ---- */

static void on_routes(evutil_socket_t fd, short what, void *context)
{
	(void)what;
	if (fr_route_read((int)fd))
		news_note(context);
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
	(void)what;
	fr_sleep_read((int)fd);
	if (has_slept(context))
		news_note(context);
}

static void on_quiet(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	news_tell(context);
}

/* ---- listening ---- */

static void listening_begin(struct fr_network *network)
{
	struct fr_error err = {FR_OK, ""};

	if (fr_route_open(&network->route_fd, &err) != FR_OK) {
		fr_log(&network->options.env->log, FR_LOG_WARN, "network.unwatched", "%s",
		       err.text);
		network->is_mute = true;
		return;
	}
	(void)event_assign(&network->routes, network->options.loop, network->route_fd,
			   EV_READ | EV_PERSIST, on_routes, network);
	(void)event_add(&network->routes, NULL);
}

static void listening_end(struct fr_network *network)
{
	(void)event_del(&network->routes);
	(void)close(network->route_fd);
	network->route_fd = -1;
}

void fr_network_listen(struct fr_network *network, bool is_needed)
{
	if (network == NULL || network->is_mute || is_needed == (network->route_fd >= 0))
		return;
	if (is_needed)
		listening_begin(network);
	else
		listening_end(network);
}

/* ---- life ---- */

enum fr_status fr_network_open(struct fr_network **out, const struct fr_network_options *options,
			       struct fr_error *err)
{
	struct fr_network *network = calloc(1, sizeof *network);

	*out = network;
	if (network == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	network->options = *options;
	network->route_fd = -1;
	network->resume_fd = fr_sleep_open();
	fr_sleep_init(&network->sleep, fr_env_boot_us(options->env), fr_sleep_awake_us());
	(void)evtimer_assign(&network->quiet, options->loop, on_quiet, network);
	(void)event_assign(&network->resume, options->loop, network->resume_fd,
			   EV_READ | EV_PERSIST, on_resume, network);
	if (network->resume_fd >= 0)
		(void)event_add(&network->resume, NULL);
	return FR_OK;
}

void fr_network_close(struct fr_network *network)
{
	if (network == NULL)
		return;
	fr_network_listen(network, false);
	(void)event_del(&network->quiet);
	(void)event_del(&network->resume);
	if (network->resume_fd >= 0)
		(void)close(network->resume_fd);
	free(network);
}
