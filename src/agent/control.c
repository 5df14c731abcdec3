/* The happy path: evhttp parses, the table below finds the route, a handler answers at once, or
 * joins the waiting: a list that is looked through whenever something changes.
 *
 * Failures: somebody else's process gets 403 before anything is looked at (the folder and the
 * socket keep it away already); what is no route 404, the wrong method 405, too much text is
 * evhttp's to refuse. A caller who goes away leaves the list; when the agent ends, those who wait
 * are answered first.
 */
#include "agent/control.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/agent.h"
#include "agent/door.h"
#include "agent/ingest.h"
#include "agent/metrics.h"
#include "agent/reply.h"
#include "agent/report.h"
#include "agent/waiting.h"
#include "base/socket.h"

enum {
	HEADER_BYTES_MAX = 16 * 1024,
	CALLER_SLOW_S = 10,
	BACKLOG = 16,
	FLUSH_MS_DEFAULT = 10 * 1000,
	FLUSH_MS_MAX = 24 * 3600 * 1000,
	LAST_TURNS = 4,
	RELOAD_MS_MAX = 10 * 1000,
};

struct fr_control {
	struct fr_agent *agent;
	struct fr_door door;
	struct evhttp *http;
	struct fr_waiting waiting;
};

/* ---- routes ---- */

static void get_healthz(struct fr_control *control, struct evhttp_request *request)
{
	struct fr_buffer body;

	fr_buffer_init(&body, FR_REPLY_BYTES_MAX);
	fr_buffer_add_format(&body, "{\"ok\":true,\"state\":\"%s\"}\n",
			     fr_agent_state_name(control->agent->state));
	fr_reply(request, HTTP_OK, "application/json", &body);
	fr_buffer_fini(&body);
}

static void get_status(struct fr_control *control, struct evhttp_request *request)
{
	struct fr_buffer body;

	fr_buffer_init(&body, FR_REPLY_BYTES_MAX);
	fr_report_json(&body, control->agent);
	if (body.status == FR_OK)
		fr_reply(request, HTTP_OK, "application/json", &body);
	else
		fr_reply_error(request, HTTP_INTERNAL, fr_status_text(body.status));
	fr_buffer_fini(&body);
}

static void get_metrics(struct fr_control *control, struct evhttp_request *request)
{
	struct fr_buffer body;

	fr_buffer_init(&body, FR_REPLY_BYTES_MAX);
	fr_metrics_add(&body, control->agent);
	if (body.status == FR_OK)
		fr_reply(request, HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &body);
	else
		fr_reply_error(request, HTTP_INTERNAL, fr_status_text(body.status));
	fr_buffer_fini(&body);
}

/* timeout_ms out of the query; false when it is there and wrong. */
static bool timeout_read(struct evhttp_request *request, int64_t *ms)
{
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
	struct evkeyvalq parameters;
	const char *text = NULL;
	bool is_good = true;

	*ms = FLUSH_MS_DEFAULT;
	if (query == NULL)
		return true;
	if (evhttp_parse_query_str(query, &parameters) != 0)
		return false;
	text = evhttp_find_header(&parameters, "timeout_ms");
	if (text != NULL) {
		char *end = NULL;

		errno = 0;
		*ms = strtoll(text, &end, 10);
		is_good = errno == 0 && end != text && *end == '\0' && *ms >= 0 &&
			  *ms <= FLUSH_MS_MAX;
	}
	evhttp_clear_headers(&parameters);
	return is_good;
}

static void post_flush(struct fr_control *control, struct evhttp_request *request)
{
	int64_t patience_ms;

	if (!timeout_read(request, &patience_ms)) {
		fr_reply_error(request, HTTP_BADREQUEST,
			       "timeout_ms is a number of milliseconds, at most a day");
		return;
	}
	fr_agent_look(control->agent, true);
	fr_waiting_add(&control->waiting, control->agent, request, FR_WAITS_FOR_FLUSH, patience_ms);
}

static void post_reload(struct fr_control *control, struct evhttp_request *request)
{
	struct fr_error err = {FR_OK, ""};

	if (fr_agent_reload(control->agent, &err) != FR_OK)
		fr_reply_error(request, 422, err.text);
	else
		fr_waiting_add(&control->waiting, control->agent, request, FR_WAITS_FOR_RELOAD,
			       RELOAD_MS_MAX);
}

static void post_events(struct fr_control *control, struct evhttp_request *request)
{
	fr_ingest(control->agent, request);
}

static const struct route {
	enum evhttp_cmd_type method;
	const char *path;
	void (*handle)(struct fr_control *control, struct evhttp_request *request);
} routes[] = {
	{EVHTTP_REQ_GET, "/healthz", get_healthz}, {EVHTTP_REQ_GET, "/status", get_status},
	{EVHTTP_REQ_GET, "/metrics", get_metrics}, {EVHTTP_REQ_POST, "/flush", post_flush},
	{EVHTTP_REQ_POST, "/reload", post_reload}, {EVHTTP_REQ_POST, "/v1/events", post_events},
};

static bool is_owner(struct evhttp_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);

	return fr_socket_is_own_user(
		bufferevent_getfd(evhttp_connection_get_bufferevent(connection)));
}

static void request_route(struct fr_control *control, struct evhttp_request *request)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	bool is_known = false;

	if (!is_owner(request)) {
		fr_reply_error(request, 403, "only the owner of the home may ask");
		return;
	}
	for (size_t i = 0; path != NULL && i < sizeof routes / sizeof routes[0]; i++) {
		if (strcmp(path, routes[i].path) != 0)
			continue;
		is_known = true;
		if (evhttp_request_get_command(request) == routes[i].method) {
			routes[i].handle(control, request);
			return;
		}
	}
	if (is_known)
		fr_reply_error(request, HTTP_BADMETHOD, "not with this method");
	else
		fr_reply_error(request, HTTP_NOTFOUND, "no such thing here");
}

static void on_request(struct evhttp_request *request, void *context)
{
	request_route(context, request);
}

/* ---- life ---- */

static enum fr_status http_make(struct fr_control *control, struct fr_error *err)
{
	const unsigned short all = EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
				   EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
				   EVHTTP_REQ_PATCH;

	control->http = evhttp_new(control->agent->loop);
	if (control->http == NULL)
		return fr_fail(err, FR_NOMEM, "cannot make the control server");
	evhttp_set_max_headers_size(control->http, HEADER_BYTES_MAX);
	evhttp_set_max_body_size(control->http, FR_INGEST_BYTES_MAX);
	evhttp_set_timeout(control->http, CALLER_SLOW_S);
	evhttp_set_allowed_methods(control->http, all);
	evhttp_set_gencb(control->http, on_request, control);
	if (listen(control->door.fd, BACKLOG) != 0 ||
	    evhttp_accept_socket_with_handle(control->http, control->door.fd) == NULL) {
		evhttp_free(control->http);
		return fr_fail_system(err, FR_IO, errno, "cannot listen on %s", control->door.path);
	}
	return FR_OK;
}

enum fr_status fr_control_open(struct fr_control **out, struct fr_agent *agent,
			       struct fr_error *err)
{
	struct fr_control *control = calloc(1, sizeof *control);
	enum fr_status status;

	*out = NULL;
	if (control == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	control->agent = agent;
	status =
		fr_door_open(&control->door, agent->home.path, FR_CONTROL_SOCKET, SOCK_STREAM, err);
	if (status == FR_OK) {
		status = http_make(control, err);
		if (status != FR_OK)
			fr_door_close(&control->door);
	}
	if (status == FR_OK)
		*out = control;
	else
		free(control);
	return status;
}

bool fr_control_awaits_flush(const struct fr_control *control)
{
	return control != NULL && fr_waiting_has(&control->waiting, FR_WAITS_FOR_FLUSH);
}

void fr_control_settle(struct fr_control *control)
{
	fr_waiting_settle(&control->waiting);
}

/* By now nothing but this server lives in the loop, and a few turns of it carry the last answers
 * out. */
void fr_control_close(struct fr_control *control)
{
	if (control == NULL)
		return;
	fr_waiting_dismiss(&control->waiting);
	for (int i = 0; i < LAST_TURNS; i++)
		(void)event_base_loop(control->agent->loop, EVLOOP_NONBLOCK);
	evhttp_free(control->http); /* it closes the socket that it was given */
	control->door.fd = -1;
	fr_door_close(&control->door);
	free(control);
}
