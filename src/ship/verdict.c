/* The happy path: 2xx is FR_ACT_ACK. Everything else is looked up: an answer by what its format
 * makes of it in `readings`, else by its status in `statuses`, the first match; no answer by its
 * outcome in `silences`. Then come the few things that a table cannot say:
 *   - a page over plain http instead of an answer: a captive portal said 200;
 *   - 409 of a batch that was taken before: an ack;
 *   - Retry-After; so many failures of one kind in a row that they turn into a pause, or into
 * HTTP/1.1.
 */
#include "ship/verdict.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ship/retry_after.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)

enum { HTTP1_AFTER = 3, UNKNOWN_MOST = 5 };

struct meaning {
	enum fr_action action;
	const char *kind;
	bool ambiguous; /* the batch may have been taken all the same */
	bool heeds_retry_after;
	unsigned pause_after; /* so many in a row turn into a pause; 0: never */
	int64_t floor_ms, cap_ms;
	unsigned cap_for; /* so many in a row; then the sink's own holds. 0: for good */
	int64_t probe_ms; /* how often that pause is probed; 0: as floor and cap say */
	const char *words;
};

static const struct meaning delivered = {
	.action = FR_ACT_ACK,
	.kind = "delivered",
	.words = "delivered",
};
static const struct meaning redirect = {
	.action = FR_ACT_RETRY,
	.kind = "redirect",
	.pause_after = 10,
	.floor_ms = 30 * SECOND_MS,
	.cap_ms = 300 * SECOND_MS,
	.words = "a redirect, never followed: a captive portal, or the url is out of date",
};
static const struct meaning refused = {
	.action = FR_ACT_BISECT,
	.kind = "refused",
	.words = "refused by the server",
};
static const struct meaning too_large = {
	.action = FR_ACT_SPLIT,
	.kind = "too_large",
	.words = "the request is too large",
};

/* Pauses: what a person must mend is looked at every 15 minutes, what the next network may mend
 * sooner. */
static const struct meaning credentials = {
	.action = FR_ACT_PAUSE,
	.kind = "credentials",
	.floor_ms = 15 * MINUTE_MS,
	.cap_ms = 15 * MINUTE_MS,
	.words = "the credentials are refused; correct them and reload",
};
static const struct meaning endpoint = {
	.action = FR_ACT_PAUSE,
	.kind = "endpoint",
	.floor_ms = 15 * MINUTE_MS,
	.cap_ms = 15 * MINUTE_MS,
	.words = "nothing takes events at this url; correct it and reload",
};
static const struct meaning proxy = {
	.action = FR_ACT_PAUSE,
	.kind = "proxy",
	.floor_ms = 60 * SECOND_MS,
	.cap_ms = 300 * SECOND_MS,
	.words = "the proxy or this network wants a login first",
};
static const struct meaning captive_portal = {
	.action = FR_ACT_PAUSE,
	.kind = "captive_portal",
	.ambiguous = true, /* or the sink itself answers with a page: then it took the batch */
	.floor_ms = 60 * SECOND_MS,
	.cap_ms = 300 * SECOND_MS,
	.words = "a web page instead of an answer: a captive portal; log in to this network",
};
static const struct meaning local = {
	.action = FR_ACT_PAUSE,
	.kind = "local",
	.floor_ms = 15 * MINUTE_MS,
	.cap_ms = 15 * MINUTE_MS,
	.words = "the configuration does not work here",
};

/* Backoffs. A 502 or a 504 is a proxy that did not wait for the end, a 500 may come after the work
 * was done, and some proxies say 503 when the server behind them hangs up: these are ambiguous. */
static const struct meaning slow_down = {
	.action = FR_ACT_RETRY,
	.kind = "overloaded",
	.heeds_retry_after = true,
	.words = "the server asks to slow down",
};
static const struct meaning unavailable = {
	.action = FR_ACT_RETRY,
	.kind = "overloaded",
	.ambiguous = true,
	.heeds_retry_after = true,
	.words = "the server is overloaded or down for maintenance",
};
static const struct meaning too_early = {
	.action = FR_ACT_RETRY,
	.kind = "server",
	.words = "the server is not ready for it",
};
static const struct meaning server_failed = {
	.action = FR_ACT_RETRY,
	.kind = "server",
	.ambiguous = true,
	.words = "the server failed",
};
static const struct meaning offline = {
	.action = FR_ACT_RETRY,
	.kind = "offline",
	.cap_ms = 60 * SECOND_MS,
	.cap_for = 20, /* a quarter of an hour: is it the server, all its clients knock */
	.words = "offline",
};
static const struct meaning unanswered = {
	.action = FR_ACT_RETRY,
	.kind = "ambiguous",
	.ambiguous = true,
	.words = "no answer",
};
static const struct meaning tls = {
	.action = FR_ACT_RETRY,
	.kind = "tls",
	.cap_ms = 300 * SECOND_MS,
	.words = "no secure connection",
};
static const struct meaning disk = {
	.action = FR_ACT_RETRY,
	.kind = "disk",
	.ambiguous = true,
	.cap_ms = 300 * SECOND_MS,
	.words = "the file cannot be written",
};

/* Where a format knows more than the status says. */
static const struct meaning asked_again = {
	.action = FR_ACT_RETRY,
	.kind = "server",
	.ambiguous = true,
	.heeds_retry_after = true,
	.words = "the server could not take it now",
};
static const struct meaning setup = {
	.action = FR_ACT_PAUSE,
	.kind = FR_KIND_SETUP,
	.floor_ms = 15 * MINUTE_MS,
	.cap_ms = 15 * MINUTE_MS,
	.words = "the sink is not set up for these events; correct it and reload",
};
static const struct meaning for_good = {
	.action = FR_ACT_BURY,
	.kind = "for_good",
	.pause_after = 3,
	.probe_ms = 15 * MINUTE_MS,
	.words = "refused, and not to be sent again",
};
static const struct meaning unknown = {
	.action = FR_ACT_RETRY,
	.kind = "unknown",
	.ambiguous = true,
	.pause_after = UNKNOWN_MOST + 1,
	.probe_ms = 15 * MINUTE_MS,
	.words = "an answer that nobody knows",
};

static const struct meaning *const readings[] = {
	[FR_ANSWER_BY_STATUS] = NULL,     [FR_ANSWER_TAKEN] = &delivered,
	[FR_ANSWER_LATER] = &asked_again, [FR_ANSWER_SETUP] = &setup,
	[FR_ANSWER_EVENTS] = &refused,    [FR_ANSWER_TOO_LARGE] = &too_large,
	[FR_ANSWER_FOR_GOOD] = &for_good, [FR_ANSWER_NOBODY_KNOWS] = &unknown,
};

static const struct {
	int first, last;
	const struct meaning *meaning;
} statuses[] = {
	{200, 299, &delivered},   {300, 399, &redirect},

	{401, 401, &credentials}, {403, 403, &credentials},   {404, 405, &endpoint},
	{407, 407, &proxy},       {408, 408, &server_failed}, {410, 410, &endpoint},
	{413, 413, &too_large},   {425, 425, &too_early},     {429, 429, &slow_down},
	{400, 499, &refused}, /* 400, 406, 409, 415, 422 and the rest */

	{501, 501, &endpoint},    {503, 503, &unavailable},   {505, 505, &endpoint},
	{511, 511, &proxy},       {500, 599, &server_failed}, /* 500, 502, 504, 507, 52x and the
								 rest */
};

static const struct meaning *const silences[] = {
	[FR_OUTCOME_OFFLINE] = &offline, [FR_OUTCOME_AMBIGUOUS] = &unanswered,
	[FR_OUTCOME_TLS] = &tls,         [FR_OUTCOME_LOCAL] = &local,
	[FR_OUTCOME_FILE] = &disk,
};

static bool is_page(const char *content_type)
{
	static const char html[] = "text/html";
	size_t length = sizeof html - 1;

	return strncasecmp(content_type, html, length) == 0 &&
	       strchr("; \t", content_type[length]) != NULL;
}

/* A proxy in between gave it, and no format knows what proxies say. */
static bool is_of_proxy(int status)
{
	return status == 407 || status == 511;
}

static const struct meaning *answer_meaning(const struct fr_verdict_input *input)
{
	const struct fr_answer_details *details = input->details;
	int status = input->answer->status;
	size_t i;

	if (status / 100 == 2 && input->is_http_plain && is_page(input->answer->content_type))
		return &captive_portal;
	if (details != NULL && readings[details->meaning] != NULL && !is_of_proxy(status))
		return readings[details->meaning];
	if (status == 409 && details != NULL && details->already_taken)
		return &delivered;
	for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (status >= statuses[i].first && status <= statuses[i].last)
			return statuses[i].meaning;
	return &server_failed; /* no status of HTTP at all */
}

/* How often in a row it now went wrong in this way. */
static unsigned streak_of(const struct fr_verdict_input *input, const char *kind)
{
	return strcmp(input->last_kind, kind) == 0 ? input->streak + 1 : 1;
}

/* One more of the same would be one too many. What must not be sent again is buried all the same.
 */
static void verdict_pause(struct fr_verdict *verdict, const struct meaning *meaning)
{
	if (meaning->action == FR_ACT_BURY)
		verdict->then_pause = true;
	else
		verdict->action = FR_ACT_PAUSE;
	if (meaning->probe_ms > 0)
		verdict->floor_ms = verdict->cap_ms = meaning->probe_ms;
}

static void verdict_heed(struct fr_verdict *verdict, const struct fr_answer *answer)
{
	verdict->at_least_ms = fr_retry_after_ms(answer->retry_after, answer->date);
	if (verdict->at_least_ms > 0)
		verdict->kind = FR_KIND_RETRY_AFTER;
}

static void verdict_explain(struct fr_verdict *verdict, const struct meaning *meaning,
			    const struct fr_verdict_input *input)
{
	const struct fr_answer_details *details = input->details;

	if (input->outcome != FR_OUTCOME_ANSWER)
		(void)snprintf(verdict->reason, sizeof verdict->reason, "%s: %s", meaning->words,
			       input->transport_text);
	else if (details != NULL && details->words[0] != '\0')
		(void)snprintf(verdict->reason, sizeof verdict->reason, "HTTP %d: %s (%s)",
			       input->answer->status, meaning->words, details->words);
	else
		(void)snprintf(verdict->reason, sizeof verdict->reason, "HTTP %d: %s",
			       input->answer->status, meaning->words);
}

/* What the request did not reach has neither taken its events nor judged them. */
static const struct meaning *unsent_meaning(const struct meaning *meaning)
{
	bool is_a_wait = meaning->action == FR_ACT_RETRY || meaning->action == FR_ACT_PAUSE;

	return is_a_wait ? meaning : &endpoint;
}

static const struct meaning *meaning_of(const struct fr_verdict_input *input)
{
	const struct meaning *meaning = input->outcome == FR_OUTCOME_ANSWER
						? answer_meaning(input)
						: silences[input->outcome];

	return input->is_unsent ? unsent_meaning(meaning) : meaning;
}

struct fr_verdict fr_verdict_of(const struct fr_verdict_input *input)
{
	const struct meaning *meaning = meaning_of(input);
	unsigned streak = streak_of(input, meaning->kind);
	struct fr_verdict verdict = {
		.action = meaning->action,
		.kind = meaning->kind,
		.ambiguous = meaning->ambiguous && !input->is_unsent,
		.floor_ms = meaning->floor_ms,
		.cap_ms = meaning->cap_ms,
	};

	if (meaning->pause_after != 0 && streak >= meaning->pause_after)
		verdict_pause(&verdict, meaning);
	if (meaning->cap_for != 0 && streak > meaning->cap_for)
		verdict.cap_ms = 0;
	if (meaning->heeds_retry_after)
		verdict_heed(&verdict, input->answer);
	verdict.fall_back_to_http1 = meaning == &unanswered && streak >= HTTP1_AFTER;
	verdict_explain(&verdict, meaning, input);
	assert(verdict.action != FR_ACT_ACK || !verdict.ambiguous);
	return verdict;
}
