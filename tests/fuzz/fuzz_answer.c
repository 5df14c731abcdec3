/* An answer from outside: whatever the bytes, each format's reading of it stays in bounds, what is
 * kept of it is harmless to show, and nothing but a 2xx, or a 409 that says so, finishes a batch.
 *
 * The input is what a server sends: lines of a head, an empty line, a body. It is fed in as libcurl
 * would, the body in pieces.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "ship/http_answer.h"
#include "ship/retry_after.h"
#include "ship/verdict.h"
#include "sink/sink.h"

enum { EVENTS = 3, PIECE = 1000 };

static void must_hold(bool holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

/* Line by line to the empty one that ends the final head, the rest in pieces. */
static void answer_feed(struct fr_http_answer *read, const char *data, size_t size)
{
	size_t at = 0;

	while (at < size && !read->head_complete) {
		const char *end = memchr(data + at, '\n', size - at);
		size_t length = end != NULL ? (size_t)(end - data) + 1 - at : size - at;

		if (!fr_http_answer_head(read, data + at, length))
			return;
		at += length;
	}
	while (at < size) {
		size_t length = size - at < PIECE ? size - at : PIECE;

		if (!fr_http_answer_body(read, data + at, length))
			return;
		at += length;
	}
}

static struct fr_sink_batch batch_make(struct fr_event events[EVENTS])
{
	static const char *const ids[EVENTS] = {"00000000-0000-7000-8000-000000000003",
						"00000000-0000-7000-8000-000000000001",
						"00000000-0000-7000-8000-000000000002"};
	size_t i;

	for (i = 0; i < EVENTS; i++)
		events[i] = (struct fr_event){.uuid = ids[i]};
	return (struct fr_sink_batch){"0193524e-aaaa-7000-8000-00000000000b", 0, events, EVENTS};
}

static void details_must_hold(const struct fr_answer *answer,
			      const struct fr_answer_details *details)
{
	size_t i;

	must_hold(details->refused <= EVENTS, "no more rejections than events");
	for (i = 0; i < details->refused; i++) {
		const char *reason = details->refusals[i].reason;

		must_hold(details->refusals[i].index < EVENTS, "rejections are in the batch");
		must_hold(i == 0 || details->refusals[i - 1].index < details->refusals[i].index,
			  "rejections ascend");
		must_hold(fr_utf8_is_valid(reason, strlen(reason)), "reasons are UTF-8");
		must_hold(strpbrk(reason, "\n\r\t\x1b\x7f") == NULL, "reasons are one line");
	}
	must_hold(!details->already_taken || answer->status == 409, "only a 409 is taken before");
	must_hold(details->refused == 0 || answer->status != 409, "a 409 rejects no event");
	must_hold(details->lost <= EVENTS, "no more is lost than was sent");
	must_hold(details->lost == 0 || answer->status / 100 == 2, "only a 2xx takes a part");
	must_hold(fr_utf8_is_valid(details->words, strlen(details->words)), "words are UTF-8");
	must_hold(strpbrk(details->words, "\n\r\t\x1b\x7f") == NULL, "words are one line");
}

static void excerpt_must_hold(const struct fr_answer *answer)
{
	char excerpt[FR_EXCERPT_TEXT];

	fr_answer_excerpt(answer, excerpt);
	must_hold(strlen(excerpt) < FR_EXCERPT_TEXT, "an excerpt is short");
	must_hold(fr_utf8_is_valid(excerpt, strlen(excerpt)), "an excerpt is UTF-8");
	must_hold(strpbrk(excerpt, "\n\r\t\x1b\x7f") == NULL, "an excerpt is one line");
}

static enum fr_action verdict_must_hold(const struct fr_answer *answer,
					const struct fr_answer_details *details, bool is_http_plain)
{
	struct fr_verdict_input input = {.outcome = FR_OUTCOME_ANSWER,
					 .transport_text = "",
					 .answer = answer,
					 .details = details,
					 .is_http_plain = is_http_plain,
					 .last_kind = ""};
	struct fr_verdict verdict = fr_verdict_of(&input);
	bool may_ack = answer->status / 100 == 2 || details->already_taken;

	must_hold(verdict.action != FR_ACT_ACK || may_ack, "only a 2xx or a known 409 acks");
	must_hold(verdict.at_least_ms == 0 || (verdict.at_least_ms >= FR_RETRY_AFTER_MIN_MS &&
					       verdict.at_least_ms <= FR_RETRY_AFTER_MAX_MS),
		  "a server's wish is clamped");
	must_hold(verdict.kind[0] != '\0' && verdict.reason[0] != '\0', "a verdict has words");
	return verdict.action;
}

/* What a format has learned from an answer to its question, it learned from a 200. */
static void question_must_hold(const struct fr_sink_question *question,
			       const struct fr_answer *answer)
{
	unsigned abilities = 0;

	if (question == NULL)
		return;
	must_hold(!question->learn(answer, &abilities) || answer->status == 200,
		  "only a 200 teaches");
	(void)question->is_outdated(answer);
}

static void format_must_hold(const struct fr_sink_format *format, const struct fr_answer *answer)
{
	struct fr_answer_details details = {0};
	struct fr_event events[EVENTS];
	struct fr_sink_batch batch = batch_make(events);
	bool is_acked;

	if (format->read_answer != NULL && answer->status != 0)
		must_hold(format->read_answer(&batch, answer, &details) == FR_OK,
			  "only memory is a failure");
	details_must_hold(answer, &details);
	is_acked = verdict_must_hold(answer, &details, false) == FR_ACT_ACK;
	must_hold(!is_acked || strcmp(format->type, "clickhouse") != 0 || answer->body_length == 0,
		  "ClickHouse takes a batch without a word");
	(void)verdict_must_hold(answer, &details, true);
	question_must_hold(format->question, answer);
	fr_answer_details_fini(&details);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fr_sink_format *const *format;
	struct fr_http_answer read;
	struct fr_answer answer;

	fr_http_answer_init(&read);
	answer_feed(&read, (const char *)data, size);
	answer = (struct fr_answer){.status = read.status,
				    .content_type = read.content_type,
				    .retry_after = read.retry_after,
				    .date = read.date,
				    .body = fr_buffer_text(&read.body),
				    .body_length = read.body.length,
				    .exception_code =
					    (unsigned)strtoul(read.exception_code, NULL, 10)};
	excerpt_must_hold(&answer);
	for (format = fr_sink_formats(); *format != NULL; format++)
		format_must_hold(*format, &answer);
	fr_http_answer_fini(&read);
	return 0;
}
