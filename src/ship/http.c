/* The happy path: send adds an exchange to the multi handle; libcurl asks for sockets and one timer
 * to be watched; each time one of them fires, libcurl is told, and what it has finished is handed
 * over.
 *
 * Nothing is watched, and no timer runs, when nothing is under way. At the end everything is
 * cancelled; no thread of the resolver is waited for (CURLOPT_QUICK_EXIT), and libcurl's globals
 * are left alone, since such a thread may still use them.
 */
#include "ship/http.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

#include "ship/http_parts.h"

struct http_socket {
	struct http_socket *next;
	struct http_transport *transport;
	curl_socket_t fd;
	struct event event;
};

/* Hands over what libcurl has finished. A callback may send anew or cancel others, so that each
 * turn asks again. */
static void http_collect(struct http_transport *transport)
{
	struct http_exchange *exchange;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(transport->multi, &left)) != NULL) {
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange) !=
		    CURLE_OK)
			continue;
		fr_http_exchange_finish(exchange, code);
	}
}

static void http_act(struct http_transport *transport, curl_socket_t fd, int ready)
{
	int running;

	(void)curl_multi_socket_action(transport->multi, fd, ready, &running);
	http_collect(transport);
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	struct http_socket *watched = context;
	int ready = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
		    ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);

	http_act(watched->transport, fd, ready);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	http_act(context, CURL_SOCKET_TIMEOUT, 0);
}

static void socket_forget(struct http_socket *watched)
{
	struct http_socket **at = &watched->transport->sockets;

	while (*at != watched)
		at = &(*at)->next;
	*at = watched->next;
	(void)event_del(&watched->event);
	free(watched);
}

static struct http_socket *socket_new(struct http_transport *transport, curl_socket_t fd)
{
	struct http_socket *watched = calloc(1, sizeof *watched);

	if (watched == NULL || event_assign(&watched->event, transport->loop, fd, EV_PERSIST,
					    on_ready, watched) != 0) {
		free(watched);
		return NULL;
	}
	watched->transport = transport;
	watched->fd = fd;
	watched->next = transport->sockets;
	transport->sockets = watched;
	(void)curl_multi_assign(transport->multi, fd, watched);
	return watched;
}

static int socket_watch(struct http_socket *watched, int wanted)
{
	short what = EV_PERSIST;

	if ((wanted & CURL_POLL_IN) != 0)
		what |= EV_READ;
	if ((wanted & CURL_POLL_OUT) != 0)
		what |= EV_WRITE;
	(void)event_del(&watched->event);
	if (event_assign(&watched->event, watched->transport->loop, watched->fd, what, on_ready,
			 watched) != 0)
		return -1;
	return event_add(&watched->event, NULL);
}

/* libcurl's wish; -1 makes it give up what is under way. */
static int on_socket(CURL *easy, curl_socket_t fd, int wanted, void *context, void *known)
{
	struct http_socket *watched = known;

	(void)easy;
	if (wanted == CURL_POLL_REMOVE) {
		if (watched != NULL)
			socket_forget(watched);
		return 0;
	}
	if (watched == NULL)
		watched = socket_new(context, fd);
	return watched != NULL ? socket_watch(watched, wanted) : -1;
}

static int on_timer_wish(CURLM *multi, long delay_ms, void *context)
{
	struct http_transport *transport = context;
	struct timeval delay = {delay_ms / 1000, (delay_ms % 1000) * 1000};

	(void)multi;
	return delay_ms < 0 ? evtimer_del(&transport->timer)
			    : evtimer_add(&transport->timer, &delay);
}

static enum fr_status http_send(struct fr_transport *base, const struct fr_sending *sending,
				struct fr_exchange **out, struct fr_error *err)
{
	struct http_transport *transport = (struct http_transport *)base;
	struct http_exchange *exchange = NULL;
	enum fr_status status = fr_http_exchange_new(&exchange, transport, sending, err);
	CURLMcode code;

	if (status != FR_OK)
		return status;
	code = curl_multi_add_handle(transport->multi, exchange->easy);
	if (code != CURLM_OK) {
		fr_http_exchange_free(exchange);
		return fr_fail(err, FR_IO, "libcurl: %s", curl_multi_strerror(code));
	}
	exchange->next = transport->exchanges;
	transport->exchanges = exchange;
	*out = &exchange->base;
	return FR_OK;
}

static void http_cancel(struct fr_exchange *exchange)
{
	fr_http_exchange_finish((struct http_exchange *)exchange, CURLE_ABORTED_BY_CALLBACK);
}

static void http_use_http1(struct fr_transport *base)
{
	((struct http_transport *)base)->http1_only = true;
}

static void http_free(struct fr_transport *base)
{
	struct http_transport *transport = (struct http_transport *)base;

	while (transport->exchanges != NULL)
		http_cancel(&transport->exchanges->base);
	curl_easy_cleanup(transport->spare);
	(void)curl_multi_cleanup(transport->multi);
	while (transport->sockets != NULL)
		socket_forget(transport->sockets);
	(void)evtimer_del(&transport->timer);
	free(transport);
}

static bool multi_set(struct http_transport *transport)
{
	CURLM *multi = transport->multi;
	long connections = (long)transport->settings->inflight;
	bool ok = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK;

	ok = ok && curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, transport) == CURLM_OK;
	ok = ok && curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wish) == CURLM_OK;
	ok = ok && curl_multi_setopt(multi, CURLMOPT_TIMERDATA, transport) == CURLM_OK;
	return ok && curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
				       connections > 0 ? connections : 1L) == CURLM_OK;
}

enum fr_status fr_http_new(struct fr_transport **out, struct event_base *loop,
			   const struct fr_sink_settings *settings, const struct fr_env *env,
			   struct fr_error *err)
{
	static const struct fr_transport_kind kind = {http_send, http_cancel, http_use_http1,
						      http_free};
	struct http_transport *transport = calloc(1, sizeof *transport);
	enum fr_status status = FR_NOMEM;

	if (transport == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto out;
	transport->base.kind = &kind;
	transport->loop = loop;
	transport->settings = settings;
	transport->env = env;
	transport->multi = curl_multi_init();
	if (transport->multi == NULL || !multi_set(transport) ||
	    evtimer_assign(&transport->timer, loop, on_timer, transport) != 0)
		goto out;
	transport->spare = fr_http_easy_new(transport, err);
	status = transport->spare != NULL ? FR_OK : FR_INVALID;
	if (status == FR_OK) {
		*out = &transport->base;
		transport = NULL;
	}
out:
	if (status == FR_NOMEM)
		(void)fr_fail(err, FR_NOMEM, "libcurl: %s", fr_status_text(FR_NOMEM));
	if (transport != NULL)
		(void)curl_multi_cleanup(transport->multi);
	free(transport);
	return status;
}
