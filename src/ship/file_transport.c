/* The happy path: send puts the request on the list and a timer on the loop; in its turn the lines
 * are appended and synced (append.h), and the sink hears of a 200.
 *
 * The write waits for the disk, as the queue's own commits do. Failures come back as
 * FR_OUTCOME_FILE with the system's words; the batch stays frozen, and its next try completes or
 * repeats the lines.
 */
#include "ship/file_transport.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

#include "ship/append.h"

struct file_transport {
	struct fr_transport base;
	struct event_base *loop;
	const struct fr_sink_settings *settings;
	struct file_exchange *exchanges; /* those under way */
};

struct file_exchange {
	struct fr_exchange base;
	struct file_transport *transport;
	struct file_exchange *next;
	struct event turn;
	char *path;
	char *lines;
	size_t length;
	fr_on_result *on_result;
	void *context;
};

static void exchange_free(struct file_exchange *exchange)
{
	free(exchange->path);
	free(exchange->lines);
	free(exchange);
}

/* Off the list, the one callback, and gone. */
static void exchange_finish(struct file_exchange *exchange, enum fr_outcome outcome,
			    const char *text)
{
	struct file_exchange **at = &exchange->transport->exchanges;
	struct fr_exchange_result result = {
		.outcome = outcome,
		.answer = {.status = outcome == FR_OUTCOME_ANSWER ? 200 : 0,
			   .content_type = "",
			   .retry_after = "",
			   .date = "",
			   .body = ""},
		.text = text,
	};

	while (*at != exchange)
		at = &(*at)->next;
	*at = exchange->next;
	(void)evtimer_del(&exchange->turn);
	exchange->on_result(exchange->context, &result);
	exchange_free(exchange);
}

static void exchange_run(struct file_exchange *exchange)
{
	struct fr_lines lines = {exchange->lines, exchange->length};
	int64_t rotate_bytes = exchange->transport->settings->file_max_bytes;
	struct fr_error err = {.text = ""};
	enum fr_status status = fr_append_once(exchange->path, lines, rotate_bytes, &err);

	exchange_finish(exchange, status == FR_OK ? FR_OUTCOME_ANSWER : FR_OUTCOME_FILE, err.text);
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	exchange_run(context);
}

static enum fr_status file_send(struct fr_transport *base, const struct fr_sending *sending,
				struct fr_exchange **out, struct fr_error *err)
{
	static const struct timeval at_once = {0, 0};
	struct file_transport *transport = (struct file_transport *)base;
	struct file_exchange *exchange = calloc(1, sizeof *exchange);

	if (exchange == NULL)
		goto out;
	exchange->base.transport = base;
	exchange->transport = transport;
	exchange->on_result = sending->on_result;
	exchange->context = sending->context;
	exchange->path = sending->request->url;
	sending->request->url = NULL;
	exchange->lines = fr_buffer_take(&sending->request->body, &exchange->length);
	if (exchange->path == NULL || exchange->lines == NULL ||
	    evtimer_assign(&exchange->turn, transport->loop, on_turn, exchange) != 0 ||
	    evtimer_add(&exchange->turn, &at_once) != 0)
		goto out;
	exchange->next = transport->exchanges;
	transport->exchanges = exchange;
	*out = &exchange->base;
	return FR_OK;
out:
	if (exchange != NULL)
		exchange_free(exchange);
	return fr_fail(err, FR_NOMEM, "file sink: %s", fr_status_text(FR_NOMEM));
}

static void file_cancel(struct fr_exchange *exchange)
{
	exchange_finish((struct file_exchange *)exchange, FR_OUTCOME_AMBIGUOUS, "cancelled");
}

static void file_use_http1(struct fr_transport *base)
{
	(void)base; /* files speak no HTTP */
}

static void file_free(struct fr_transport *base)
{
	struct file_transport *transport = (struct file_transport *)base;

	while (transport->exchanges != NULL)
		file_cancel(&transport->exchanges->base);
	free(transport);
}

enum fr_status fr_file_transport_new(struct fr_transport **out, struct event_base *loop,
				     const struct fr_sink_settings *settings, struct fr_error *err)
{
	static const struct fr_transport_kind kind = {file_send, file_cancel, file_use_http1,
						      file_free};
	struct file_transport *transport = calloc(1, sizeof *transport);

	if (transport == NULL)
		return fr_fail(err, FR_NOMEM, "file sink: %s", fr_status_text(FR_NOMEM));
	transport->base.kind = &kind;
	transport->loop = loop;
	transport->settings = settings;
	*out = &transport->base;
	return FR_OK;
}
