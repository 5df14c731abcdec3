/* The happy path: the caller's switches let it pass, a recorder of the library is opened in its
 * name, everything is judged and committed, and then the answer goes out.
 *
 * A recorder is opened for each request and closed behind it: it reads consent and config as any
 * host would, and whatever it holds is gone before the next caller, who may be another program.
 * Failures become the answer; nobody is told 200 before the commit.
 */
#include "agent/ingest.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/arrivals.h"
#include "agent/reply.h"
#include "base/text.h"
#include "client/options.h"
#include "event/json.h"

enum { BUSY_MS = 1000, LABEL_BYTES_MAX = 256 };

static const char *header(struct evhttp_request *request, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(request), name);
}

/* The most that the caller's own switches allow. What cannot be read is the strictest. */
static enum fr_consent caller_consent(struct evhttp_request *request)
{
	const char *dnt = header(request, "DNT");
	const char *said = header(request, "Flightrec-Consent");
	enum fr_consent level = FR_CONSENT_ON;

	if (said != NULL && !fr_consent_parse(said, &level))
		level = FR_CONSENT_OFF;
	if (dnt != NULL && strcmp(dnt, "0") != 0 && strcmp(dnt, "") != 0)
		level = FR_CONSENT_OFF;
	return level;
}

static bool label_is_good(struct evhttp_request *request, const char *name)
{
	const char *label = header(request, name);

	return label == NULL ||
	       (strlen(label) <= LABEL_BYTES_MAX && fr_utf8_is_valid(label, strlen(label)));
}

static enum fr_status recorder_open(const struct fr_agent *agent, struct evhttp_request *request,
				    flightrec **out, struct fr_error *err)
{
	flightrec_options *options = flightrec_options_new();
	const char *config = agent->config->file;
	enum fr_status status;

	flightrec_options_set_app(options, agent->options->app);
	flightrec_options_set_home(options, agent->home.path);
	flightrec_options_set_config(options, config[0] != '\0' ? config : NULL);
	flightrec_options_set_service(options, header(request, "Flightrec-Service"));
	flightrec_options_set_version(options, header(request, "Flightrec-Version"));
	flightrec_options_set_busy_timeout(options, BUSY_MS);
	status = options != NULL ? fr_recorder_open(out, options, err)
				 : fr_fail(err, FR_NOMEM, "out of memory");
	flightrec_options_free(options);
	return status;
}

/* ---- answers ---- */

static void counts_add(struct fr_buffer *body, const struct fr_arrivals *arrivals)
{
	fr_buffer_add_text(body, "\"accepted\":");
	fr_buffer_add_int(body, arrivals->accepted);
	fr_buffer_add_text(body, ",\"refused\":[");
	fr_buffer_add(body, fr_buffer_text(&arrivals->told), arrivals->told.length);
	fr_buffer_add_char(body, ']');
	if (arrivals->refused > FR_ARRIVALS_TOLD_MAX) {
		fr_buffer_add_text(body, ",\"refusedTotal\":");
		fr_buffer_add_int(body, arrivals->refused);
	}
}

static void answer_counts(struct evhttp_request *request, const struct fr_arrivals *arrivals,
			  const struct fr_error *failure)
{
	struct fr_buffer body;

	fr_buffer_init(&body, FR_REPLY_BYTES_MAX);
	fr_buffer_add_char(&body, '{');
	if (failure != NULL) {
		fr_buffer_add_text(&body, "\"error\":");
		fr_json_add_string(&body, failure->text, strlen(failure->text));
		fr_buffer_add_text(&body, ",\"stoppedAt\":");
		fr_buffer_add_int(&body, arrivals->stopped_at);
		fr_buffer_add_char(&body, ',');
	}
	counts_add(&body, arrivals);
	fr_buffer_add_text(&body, "}\n");
	fr_reply(request, failure != NULL ? HTTP_SERVUNAVAIL : HTTP_OK, "application/json", &body);
	fr_buffer_fini(&body);
}

static void answer_failure(struct evhttp_request *request, const struct fr_arrivals *arrivals,
			   const flightrec *recorder, const struct fr_error *err)
{
	if (err->status == FR_OFF)
		fr_reply_error(request, 403, recorder->consent.decision.why);
	else if (err->status == FR_INVALID)
		fr_reply_error(request, HTTP_BADREQUEST, err->text);
	else
		answer_counts(request, arrivals, err);
}

/* ---- the way in ---- */

static void body_take(flightrec *recorder, struct evhttp_request *request, bool may_be_sent)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	size_t length = evbuffer_get_length(input);
	const unsigned char *text = evbuffer_pullup(input, -1);
	struct fr_error err = {FR_OK, ""};
	struct fr_arrivals arrivals;
	enum fr_status status = FR_OK;

	fr_arrivals_init(&arrivals, recorder, may_be_sent);
	if (length > 0 && text == NULL)
		status = fr_fail(&err, FR_NOMEM, "out of memory");
	else if (length > 0)
		status = fr_arrivals_take(&arrivals, (const char *)text, length, &err);
	if (status == FR_OK)
		answer_counts(request, &arrivals, NULL);
	else
		answer_failure(request, &arrivals, recorder, &err);
	fr_arrivals_fini(&arrivals);
}

void fr_ingest(struct fr_agent *agent, struct evhttp_request *request)
{
	enum fr_consent caller = caller_consent(request);
	struct fr_error err = {FR_OK, ""};
	flightrec *recorder = NULL;

	if (caller == FR_CONSENT_OFF) {
		fr_reply_error(request, 403, "off: the caller's own switch says so");
		return;
	}
	if (!label_is_good(request, "Flightrec-Service") ||
	    !label_is_good(request, "Flightrec-Version")) {
		fr_reply_error(request, HTTP_BADREQUEST,
			       "Flightrec-Service and Flightrec-Version are UTF-8, at most 256 "
			       "bytes each");
		return;
	}
	if (recorder_open(agent, request, &recorder, &err) != FR_OK) {
		fr_reply_error(request, HTTP_SERVUNAVAIL, err.text);
		return;
	}
	if (recorder->consent.decision.level == FR_CONSENT_OFF)
		fr_reply_error(request, 403, recorder->consent.decision.why);
	else
		body_take(recorder, request, caller == FR_CONSENT_ON);
	flightrec_close(recorder);
}
