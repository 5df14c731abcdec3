#include "ship/transport.h"

#include "ship/asking.h"
#include "ship/file_transport.h"
#include "ship/http.h"

enum fr_status fr_transport_new(struct fr_transport **out, struct event_base *loop,
				const struct fr_sink_settings *settings, const struct fr_env *env,
				struct fr_error *err)
{
	const struct fr_sink_format *format = fr_sink_format_find(settings->type);
	enum fr_status status;

	*out = NULL;
	if (format == NULL)
		return fr_fail(err, FR_INVALID, "sink %s: nobody knows the type \"%s\"",
			       settings->name, settings->type);
	if (format->is_file)
		return fr_file_transport_new(out, loop, settings, err);
	status = fr_http_new(out, loop, settings, env, err);
	if (status == FR_OK && format->question != NULL)
		status = fr_asking_new(out, *out, settings, format->question, err);
	return status;
}

void fr_transport_free(struct fr_transport *transport)
{
	if (transport == NULL)
		return;
	transport->is_closing = true;
	transport->kind->free(transport);
}

enum fr_status fr_transport_send(struct fr_transport *transport, const struct fr_sending *sending,
				 struct fr_exchange **out, struct fr_error *err)
{
	*out = NULL;
	if (transport->is_closing)
		return fr_fail(err, FR_IO, "the sink is being closed");
	return transport->kind->send(transport, sending, out, err);
}

void fr_transport_cancel(struct fr_exchange *exchange)
{
	exchange->transport->kind->cancel(exchange);
}

void fr_transport_use_http1(struct fr_transport *transport)
{
	transport->kind->use_http1(transport);
}
