/* One request under way. The happy path: copy the headers, pack the body, run, hand the answer
 * over, be gone.
 *
 * Failures: what fails before the request is under way is returned by new; afterwards whatever
 * happens arrives as libcurl's code in finish, which calls back exactly once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ship/gzip.h"
#include "ship/http_outcome.h"
#include "ship/http_parts.h"
#include "ship/http_words.h"

enum { HEADER_LINE_MAX = 16 * 1024 };

/* One more "Name: value" for libcurl; "Name;" is how it wants an empty value. */
static bool header_add(struct http_exchange *exchange, const char *name, const char *value)
{
	struct curl_slist *longer = NULL;
	struct fr_buffer line;

	fr_buffer_init(&line, HEADER_LINE_MAX);
	fr_buffer_add_text(&line, name);
	fr_buffer_add_text(&line, value[0] != '\0' ? ": " : ";");
	fr_buffer_add_text(&line, value);
	if (line.status == FR_OK)
		longer = curl_slist_append(exchange->headers, fr_buffer_text(&line));
	if (longer != NULL)
		exchange->headers = longer;
	fr_buffer_fini(&line);
	return longer != NULL;
}

static bool headers_add(struct http_exchange *exchange, const struct fr_sending *sending)
{
	const struct fr_request *request = sending->request;
	struct curl_slist *no_expect = curl_slist_append(NULL, "Expect:");
	char sent_at[FR_TIME_TEXT];
	bool ok = no_expect != NULL;
	size_t i;

	exchange->headers = no_expect;
	for (i = 0; i < request->header_count; i++)
		ok = ok &&
		     header_add(exchange, request->headers[i].name, request->headers[i].value);
	if (exchange->is_packed)
		ok = ok && header_add(exchange, "Content-Encoding", "gzip");
	fr_time_format(sent_at, sending->sent_at_us);
	return ok && header_add(exchange, "X-Flightrec-Sent-At", sent_at);
}

/* Takes the body of the request, packed if that is wanted and pays. */
static enum fr_status body_take(struct http_exchange *exchange, struct fr_request *request,
				struct fr_error *err)
{
	enum fr_status status = FR_NONE;

	if (exchange->transport->settings->gzip)
		status = fr_gzip(&exchange->body, &exchange->body_length, request->body.data,
				 request->body.length, err);
	exchange->is_packed = status == FR_OK;
	if (status == FR_NONE) {
		exchange->body = fr_buffer_take(&request->body, &exchange->body_length);
		status = exchange->body != NULL ? FR_OK : FR_NOMEM;
	}
	fr_buffer_fini(&request->body);
	return status == FR_OK ? FR_OK
			       : fr_fail(err, status, "request: %s", fr_status_text(status));
}

static CURL *easy_take(struct http_transport *transport, struct fr_error *err)
{
	CURL *easy = transport->spare;

	transport->spare = NULL;
	return easy != NULL ? easy : fr_http_easy_new(transport, err);
}

/* Keeps one for the next request. Its buffers go with the exchange, so it must forget them. */
static void easy_give_back(struct http_transport *transport, CURL *easy)
{
	if (easy == NULL)
		return;
	if (transport->spare != NULL) {
		curl_easy_cleanup(easy);
		return;
	}
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	transport->spare = easy;
}

enum fr_status fr_http_exchange_new(struct http_exchange **out, struct http_transport *transport,
				    const struct fr_sending *sending, struct fr_error *err)
{
	struct http_exchange *exchange = calloc(1, sizeof *exchange);
	enum fr_status status;

	if (exchange == NULL)
		return fr_fail(err, FR_NOMEM, "request: %s", fr_status_text(FR_NOMEM));
	exchange->base.transport = &transport->base;
	exchange->transport = transport;
	exchange->on_result = sending->on_result;
	exchange->context = sending->context;
	fr_http_answer_init(&exchange->answer);
	status = body_take(exchange, sending->request, err);
	if (status == FR_OK && !headers_add(exchange, sending))
		status = fr_fail(err, FR_NOMEM, "request headers: %s", fr_status_text(FR_NOMEM));
	if (status == FR_OK) {
		exchange->easy = easy_take(transport, err);
		status = exchange->easy != NULL ? FR_OK : FR_INVALID;
	}
	if (status == FR_OK)
		status = fr_http_easy_prepare(exchange, sending->request->url, err);
	if (status == FR_OK) {
		*out = exchange;
		exchange = NULL;
	}
	fr_http_exchange_free(exchange);
	return status;
}

void fr_http_exchange_free(struct http_exchange *exchange)
{
	if (exchange == NULL)
		return;
	easy_give_back(exchange->transport, exchange->easy);
	curl_slist_free_all(exchange->headers);
	free(exchange->body);
	fr_http_answer_fini(&exchange->answer);
	free(exchange);
}

/* Something of the request itself left: what was said to a proxy, or in a handshake, is none of it.
 */
static bool was_sent(const struct http_exchange *exchange)
{
	curl_off_t ready_us = 0;
	long request_bytes = 0;

	(void)curl_easy_getinfo(exchange->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
	(void)curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
	return ready_us > 0 && request_bytes > 0;
}

static struct fr_http_facts facts_of(const struct http_exchange *exchange, CURLcode code)
{
	const struct fr_http_answer *answer = &exchange->answer;
	long connect_status = 0;

	(void)curl_easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
	return (struct fr_http_facts){
		.code = code,
		.status = answer->status,
		.head_complete = answer->head_complete,
		.was_sent = was_sent(exchange),
		.connect_status = (int)connect_status,
		.wants_certificate = !exchange->is_plain &&
				     fr_http_wants_certificate(code, exchange->words,
							       answer->status, answer->content_type,
							       fr_buffer_text(&answer->body)),
	};
}

/* When there is no answer to speak for itself. */
static const char *words_of(const struct http_exchange *exchange, const struct fr_http_facts *facts,
			    char out[FR_OUTCOME_TEXT])
{
	const struct http_transport *transport = exchange->transport;
	const struct fr_http_trouble trouble = {
		.code = facts->code,
		.text = exchange->words,
		.connect_status = facts->connect_status,
		.wants_certificate = facts->wants_certificate,
		.settings = transport->settings,
		.trust = fr_http_trust_of(transport->settings, transport->env),
	};

	fr_http_words(&trouble, out);
	return out;
}

static struct fr_answer answer_of(const struct http_exchange *exchange,
				  const struct fr_http_outcome *outcome)
{
	const struct fr_http_answer *answer = &exchange->answer;

	return (struct fr_answer){
		.status = outcome->status,
		.content_type = answer->content_type,
		.retry_after = answer->retry_after,
		.exception_code = (unsigned)strtoul(answer->exception_code, NULL, 10),
		.date = answer->date,
		.body = fr_buffer_text(&answer->body),
		.body_length = answer->body.length,
		.body_incomplete = outcome->body_incomplete,
		.over_tls = !exchange->is_plain,
	};
}

/* Did one have to be made for it? Who cannot tell says yes. */
static bool is_new_connection(const struct http_exchange *exchange)
{
	long made = 1;

	(void)curl_easy_getinfo(exchange->easy, CURLINFO_NUM_CONNECTS, &made);
	return made > 0;
}

static void exchange_unlink(struct http_exchange *exchange)
{
	struct http_exchange **at = &exchange->transport->exchanges;

	while (*at != exchange)
		at = &(*at)->next;
	*at = exchange->next;
}

void fr_http_exchange_finish(struct http_exchange *exchange, CURLcode code)
{
	const struct fr_http_facts facts = facts_of(exchange, code);
	const struct fr_http_outcome outcome = fr_http_outcome_of(&facts);
	char words[FR_OUTCOME_TEXT] = "";
	const struct fr_exchange_result result = {
		.outcome = outcome.outcome,
		.text = outcome.outcome != FR_OUTCOME_ANSWER ? words_of(exchange, &facts, words)
							     : words,
		.answer = answer_of(exchange, &outcome),
		.is_new_connection = is_new_connection(exchange),
	};
	struct http_transport *transport = exchange->transport;

	(void)curl_multi_remove_handle(transport->multi, exchange->easy);
	exchange_unlink(exchange);
	easy_give_back(transport, exchange->easy); /* the callback may want it at once */
	exchange->easy = NULL;
	exchange->on_result(exchange->context, &result);
	fr_http_exchange_free(exchange);
}
