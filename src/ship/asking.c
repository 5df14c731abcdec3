/* The happy path: what the destination can do is known, so the request is fitted to it and handed
 * on; or it is not, then the question goes first, and the request waits here for its answer.
 *
 * A question that fails ends its request the same way. What would be a verdict on the batch is
 * none: a silence means "not sent" and not "maybe taken", and three in a row mean HTTP/1.1, as they
 * do for a batch; a 2xx that is no answer to the question comes from somebody else.
 */
#include "ship/asking.h"

#include <stdio.h>
#include <stdlib.h>

enum { HTTP1_AFTER = 3 };

struct asking_transport {
	struct fr_transport base;
	struct fr_transport *inner;
	const struct fr_sink_settings *settings;
	const struct fr_sink_question *question;
	bool has_learned;
	unsigned abilities;
	unsigned silences; /* questions in a row that nobody answered */
};

struct asking_exchange {
	struct fr_exchange base;
	struct asking_transport *transport;
	struct fr_exchange *inner; /* the question or the request, whichever is under way */
	struct fr_request request; /* while the question is */
	bool has_asked;
	int64_t sent_at_us;
	fr_on_result *on_result;
	void *context;
};

static const struct fr_answer no_answer = {
	.content_type = "", .retry_after = "", .date = "", .body = ""};

/* The one callback, and gone. */
static void exchange_finish(struct asking_exchange *exchange,
			    const struct fr_exchange_result *result)
{
	exchange->on_result(exchange->context, result);
	fr_request_fini(&exchange->request);
	free(exchange);
}

static void exchange_finish_unsent(struct asking_exchange *exchange, enum fr_outcome outcome,
				   const char *text)
{
	struct fr_exchange_result result = {
		.outcome = outcome, .answer = no_answer, .text = text, .is_unsent = true};

	exchange_finish(exchange, &result);
}

/* ---- the request ---- */

static void on_request_result(void *context, const struct fr_exchange_result *result)
{
	struct asking_exchange *exchange = context;
	struct asking_transport *transport = exchange->transport;
	bool is_answer = result->outcome == FR_OUTCOME_ANSWER;
	bool is_outdated = is_answer && transport->question->is_outdated(&result->answer);

	if (!is_answer || is_outdated || result->is_new_connection)
		transport->has_learned = false;
	if (is_outdated && !exchange->has_asked)
		exchange_finish_unsent(exchange, FR_OUTCOME_OFFLINE,
				       "the server can do less than before, and is asked anew");
	else
		exchange_finish(exchange, result);
}

static enum fr_status request_send(struct asking_exchange *exchange, struct fr_request *request,
				   struct fr_error *err)
{
	struct asking_transport *transport = exchange->transport;
	struct fr_sending sending = {request, exchange->sent_at_us, on_request_result, exchange};

	transport->question->suit(request, transport->abilities);
	return fr_transport_send(transport->inner, &sending, &exchange->inner, err);
}

/* ---- the question ---- */

static void request_release(struct asking_exchange *exchange)
{
	struct fr_error err = {.text = ""};
	enum fr_status status = request_send(exchange, &exchange->request, &err);

	if (status != FR_OK)
		exchange_finish_unsent(exchange,
				       status == FR_INVALID ? FR_OUTCOME_LOCAL : FR_OUTCOME_OFFLINE,
				       err.text);
}

static void question_failed(struct asking_exchange *exchange,
			    const struct fr_exchange_result *result)
{
	struct fr_exchange_result copy = *result;
	char text[FR_OUTCOME_TEXT];

	copy.is_unsent = true;
	if (result->outcome == FR_OUTCOME_AMBIGUOUS)
		copy.outcome = FR_OUTCOME_OFFLINE;
	if (result->outcome == FR_OUTCOME_ANSWER && result->answer.status / 100 == 2) {
		copy.outcome = FR_OUTCOME_LOCAL;
		copy.answer = no_answer;
		copy.text = text;
		(void)snprintf(text, sizeof text,
			       "HTTP %d to the question what the server can do, and no answer to "
			       "it: this is no \"%s\" server",
			       result->answer.status, exchange->transport->settings->type);
	}
	exchange_finish(exchange, &copy);
}

static void on_question_result(void *context, const struct fr_exchange_result *result)
{
	struct asking_exchange *exchange = context;
	struct asking_transport *transport = exchange->transport;
	bool is_answer = result->outcome == FR_OUTCOME_ANSWER;
	unsigned abilities;

	transport->silences = result->outcome == FR_OUTCOME_AMBIGUOUS ? transport->silences + 1 : 0;
	if (transport->silences == HTTP1_AFTER)
		fr_transport_use_http1(transport->inner);
	if (is_answer && transport->question->learn(&result->answer, &abilities)) {
		transport->abilities = abilities;
		transport->has_learned = true;
		request_release(exchange);
	} else {
		question_failed(exchange, result);
	}
}

static enum fr_status question_send(struct asking_exchange *exchange, struct fr_request *request,
				    struct fr_error *err)
{
	struct asking_transport *transport = exchange->transport;
	struct fr_request question;
	struct fr_sending sending = {&question, exchange->sent_at_us, on_question_result, exchange};
	enum fr_status status;

	fr_request_init(&question, transport->question->most_bytes);
	status = transport->question->ask(transport->settings, &question, err);
	exchange->has_asked = true;
	if (status == FR_OK)
		status = fr_transport_send(transport->inner, &sending, &exchange->inner, err);
	if (status == FR_OK)
		fr_request_take(&exchange->request, request);
	fr_request_fini(&question);
	return status;
}

/* ---- a transport ---- */

static enum fr_status asking_send(struct fr_transport *base, const struct fr_sending *sending,
				  struct fr_exchange **out, struct fr_error *err)
{
	struct asking_transport *transport = (struct asking_transport *)base;
	struct asking_exchange *exchange = calloc(1, sizeof *exchange);
	enum fr_status status;

	if (exchange == NULL)
		return fr_fail(err, FR_NOMEM, "request: %s", fr_status_text(FR_NOMEM));
	exchange->base.transport = base;
	exchange->transport = transport;
	exchange->sent_at_us = sending->sent_at_us;
	exchange->on_result = sending->on_result;
	exchange->context = sending->context;
	status = transport->has_learned ? request_send(exchange, sending->request, err)
					: question_send(exchange, sending->request, err);
	if (status == FR_OK)
		*out = &exchange->base;
	else
		free(exchange);
	return status;
}

static void asking_cancel(struct fr_exchange *exchange)
{
	fr_transport_cancel(((struct asking_exchange *)exchange)->inner);
}

static void asking_use_http1(struct fr_transport *base)
{
	fr_transport_use_http1(((struct asking_transport *)base)->inner);
}

static void asking_free(struct fr_transport *base)
{
	fr_transport_free(((struct asking_transport *)base)->inner);
	free(base);
}

enum fr_status fr_asking_new(struct fr_transport **out, struct fr_transport *inner,
			     const struct fr_sink_settings *settings,
			     const struct fr_sink_question *question, struct fr_error *err)
{
	static const struct fr_transport_kind kind = {asking_send, asking_cancel, asking_use_http1,
						      asking_free};
	struct asking_transport *transport = calloc(1, sizeof *transport);

	*out = NULL;
	if (transport == NULL) {
		fr_transport_free(inner);
		return fr_fail(err, FR_NOMEM, "transport: %s", fr_status_text(FR_NOMEM));
	}
	transport->base.kind = &kind;
	transport->inner = inner;
	transport->settings = settings;
	transport->question = question;
	*out = &transport->base;
	return FR_OK;
}
