#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "ship/verdict.h"

static const struct fr_answer silent = {
	.content_type = "", .retry_after = "", .date = "", .body = ""};

static struct fr_verdict_input input_with(const struct fr_answer *answer)
{
	return (struct fr_verdict_input){.outcome = FR_OUTCOME_ANSWER,
					 .transport_text = "",
					 .answer = answer,
					 .last_kind = ""};
}

static struct fr_verdict verdict_of_status(int status)
{
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_with(&answer);

	answer.status = status;
	return fr_verdict_of(&input);
}

static struct fr_verdict verdict_of_outcome(enum fr_outcome outcome)
{
	struct fr_verdict_input input = input_with(&silent);

	input.outcome = outcome;
	input.transport_text = "what libcurl said";
	return fr_verdict_of(&input);
}

struct expected {
	int status;
	enum fr_action action;
	const char *kind;
	bool ambiguous;
	int64_t floor_ms, cap_ms;
};

enum { MINUTE = 60000 };

static const struct expected status_rows[] = {
	{200, FR_ACT_ACK, "delivered", false, 0, 0},
	{201, FR_ACT_ACK, "delivered", false, 0, 0},
	{202, FR_ACT_ACK, "delivered", false, 0, 0},
	{204, FR_ACT_ACK, "delivered", false, 0, 0},
	{299, FR_ACT_ACK, "delivered", false, 0, 0},
	{300, FR_ACT_RETRY, "redirect", false, MINUTE / 2, 5 * MINUTE},
	{301, FR_ACT_RETRY, "redirect", false, MINUTE / 2, 5 * MINUTE},
	{302, FR_ACT_RETRY, "redirect", false, MINUTE / 2, 5 * MINUTE},
	{307, FR_ACT_RETRY, "redirect", false, MINUTE / 2, 5 * MINUTE},
	{308, FR_ACT_RETRY, "redirect", false, MINUTE / 2, 5 * MINUTE},
	{400, FR_ACT_BISECT, "refused", false, 0, 0},
	{401, FR_ACT_PAUSE, "credentials", false, 15 * MINUTE, 15 * MINUTE},
	{402, FR_ACT_BISECT, "refused", false, 0, 0},
	{403, FR_ACT_PAUSE, "credentials", false, 15 * MINUTE, 15 * MINUTE},
	{404, FR_ACT_PAUSE, "endpoint", false, 15 * MINUTE, 15 * MINUTE},
	{405, FR_ACT_PAUSE, "endpoint", false, 15 * MINUTE, 15 * MINUTE},
	{406, FR_ACT_BISECT, "refused", false, 0, 0},
	{407, FR_ACT_PAUSE, "proxy", false, MINUTE, 5 * MINUTE},
	{408, FR_ACT_RETRY, "server", true, 0, 0},
	{409, FR_ACT_BISECT, "refused", false, 0, 0},
	{410, FR_ACT_PAUSE, "endpoint", false, 15 * MINUTE, 15 * MINUTE},
	{411, FR_ACT_BISECT, "refused", false, 0, 0},
	{413, FR_ACT_SPLIT, "too_large", false, 0, 0},
	{415, FR_ACT_BISECT, "refused", false, 0, 0},
	{418, FR_ACT_BISECT, "refused", false, 0, 0},
	{422, FR_ACT_BISECT, "refused", false, 0, 0},
	{425, FR_ACT_RETRY, "server", false, 0, 0},
	{429, FR_ACT_RETRY, "overloaded", false, 0, 0},
	{431, FR_ACT_BISECT, "refused", false, 0, 0},
	{499, FR_ACT_BISECT, "refused", false, 0, 0},
	{500, FR_ACT_RETRY, "server", true, 0, 0},
	{501, FR_ACT_PAUSE, "endpoint", false, 15 * MINUTE, 15 * MINUTE},
	{502, FR_ACT_RETRY, "server", true, 0, 0},
	{503, FR_ACT_RETRY, "overloaded", true, 0, 0},
	{504, FR_ACT_RETRY, "server", true, 0, 0},
	{505, FR_ACT_PAUSE, "endpoint", false, 15 * MINUTE, 15 * MINUTE},
	{507, FR_ACT_RETRY, "server", true, 0, 0},
	{511, FR_ACT_PAUSE, "proxy", false, MINUTE, 5 * MINUTE},
	{520, FR_ACT_RETRY, "server", true, 0, 0},
	{529, FR_ACT_RETRY, "server", true, 0, 0},
	{599, FR_ACT_RETRY, "server", true, 0, 0},
	{101, FR_ACT_RETRY, "server", true, 0, 0},
	{0, FR_ACT_RETRY, "server", true, 0, 0},
	{999, FR_ACT_RETRY, "server", true, 0, 0},
};

static void every_status_has_its_verdict(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof status_rows / sizeof status_rows[0]; i++) {
		const struct expected *row = &status_rows[i];
		struct fr_verdict verdict = verdict_of_status(row->status);
		char begin[16];

		assert_int_equal(verdict.action, row->action);
		assert_string_equal(verdict.kind, row->kind);
		assert_int_equal(verdict.ambiguous, row->ambiguous);
		assert_int_equal(verdict.floor_ms, row->floor_ms);
		assert_int_equal(verdict.cap_ms, row->cap_ms);
		assert_int_equal(verdict.at_least_ms, 0);
		assert_false(verdict.fall_back_to_http1);
		(void)snprintf(begin, sizeof begin, "HTTP %d: ", row->status);
		assert_memory_equal(verdict.reason, begin, strlen(begin));
	}
}

/* No status in all the numbers a server may say loses an event: only 2xx finishes a batch. */
static void only_2xx_acks_whatever_the_number(void **state)
{
	int status;

	(void)state;
	for (status = -1; status < 1100; status++)
		assert_int_equal(verdict_of_status(status).action == FR_ACT_ACK,
				 status >= 200 && status <= 299);
}

static void every_silence_has_its_verdict(void **state)
{
	static const struct {
		enum fr_outcome outcome;
		struct expected expected;
	} rows[] = {
		{FR_OUTCOME_OFFLINE, {0, FR_ACT_RETRY, "offline", false, 0, 60000}},
		{FR_OUTCOME_AMBIGUOUS, {0, FR_ACT_RETRY, "ambiguous", true, 0, 0}},
		{FR_OUTCOME_TLS, {0, FR_ACT_RETRY, "tls", false, 0, 300000}},
		{FR_OUTCOME_LOCAL, {0, FR_ACT_PAUSE, "local", false, 900000, 900000}},
		{FR_OUTCOME_FILE, {0, FR_ACT_RETRY, "disk", true, 0, 300000}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fr_verdict verdict = verdict_of_outcome(rows[i].outcome);

		assert_int_equal(verdict.action, rows[i].expected.action);
		assert_string_equal(verdict.kind, rows[i].expected.kind);
		assert_int_equal(verdict.ambiguous, rows[i].expected.ambiguous);
		assert_int_equal(verdict.floor_ms, rows[i].expected.floor_ms);
		assert_int_equal(verdict.cap_ms, rows[i].expected.cap_ms);
		assert_non_null(strstr(verdict.reason, "what libcurl said"));
	}
}

static void a_page_over_plain_http_is_a_captive_portal_and_no_ack(void **state)
{
	static const char *const pages[] = {"text/html", "text/html; charset=utf-8",
					    "Text/HTML ;x"};
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_with(&answer);
	size_t i;

	(void)state;
	answer.status = 200;
	for (i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct fr_verdict verdict;

		answer.content_type = pages[i];
		input.is_http_plain = true;
		verdict = fr_verdict_of(&input);
		assert_int_equal(verdict.action, FR_ACT_PAUSE);
		assert_string_equal(verdict.kind, "captive_portal");
		assert_true(verdict.ambiguous);
		assert_int_equal(verdict.floor_ms, 60000);
		assert_int_equal(verdict.cap_ms, 300000);
		input.is_http_plain = false;
		assert_int_equal(fr_verdict_of(&input).action, FR_ACT_ACK);
	}
	input.is_http_plain = true;
	answer.content_type = "text/html5";
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_ACK);
	answer.content_type = "application/json";
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_ACK);
	answer.status = 500;
	answer.content_type = "text/html";
	assert_string_equal(fr_verdict_of(&input).kind, "server");
}

static void a_2xx_whose_body_broke_off_is_an_ack(void **state)
{
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_with(&answer);

	(void)state;
	answer.status = 200;
	answer.body_incomplete = true;
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_ACK);
}

static void a_conflict_over_a_batch_taken_before_is_an_ack(void **state)
{
	struct fr_answer_details details = {.already_taken = true};
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_with(&answer);

	(void)state;
	answer.status = 409;
	input.details = &details;
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_ACK);
	assert_string_equal(fr_verdict_of(&input).kind, "delivered");
	details.already_taken = false;
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_BISECT);
	details.already_taken = true;
	answer.status = 400; /* only a 409 may say so */
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_BISECT);
}

static void the_tenth_redirect_in_a_row_pauses(void **state)
{
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_with(&answer);

	(void)state;
	answer.status = 302;
	input.last_kind = "redirect";
	input.streak = 8;
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_RETRY);
	input.streak = 9;
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_PAUSE);
	input.last_kind = "server";
	assert_int_equal(fr_verdict_of(&input).action, FR_ACT_RETRY);
}

static void the_third_broken_answer_in_a_row_falls_back_to_http1(void **state)
{
	struct fr_verdict_input input = input_with(&silent);

	(void)state;
	input.outcome = FR_OUTCOME_AMBIGUOUS;
	input.last_kind = "ambiguous";
	input.streak = 1;
	assert_false(fr_verdict_of(&input).fall_back_to_http1);
	input.streak = 2;
	assert_true(fr_verdict_of(&input).fall_back_to_http1);
	input.last_kind = "offline";
	assert_false(fr_verdict_of(&input).fall_back_to_http1);
	input.outcome = FR_OUTCOME_OFFLINE;
	assert_false(fr_verdict_of(&input).fall_back_to_http1);
}

/* A whole fleet is offline when the server refuses connections: at a minute it would be a storm. */
static void who_is_offline_for_long_waits_as_for_any_failure(void **state)
{
	struct fr_verdict_input input = input_with(&silent);

	(void)state;
	input.outcome = FR_OUTCOME_OFFLINE;
	input.last_kind = "offline";
	input.streak = 19;
	assert_int_equal(fr_verdict_of(&input).cap_ms, MINUTE);
	input.streak = 20;
	assert_int_equal(fr_verdict_of(&input).cap_ms, 0);
	input.last_kind = "server";
	assert_int_equal(fr_verdict_of(&input).cap_ms, MINUTE);
}

static void retry_after_is_heeded_on_429_and_503_only(void **state)
{
	static const int heeding[] = {429, 503}, others[] = {200, 302, 400, 413, 500, 502, 504};
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_with(&answer);
	size_t i;

	(void)state;
	answer.retry_after = "120";
	for (i = 0; i < 2; i++) {
		answer.status = heeding[i];
		assert_int_equal(fr_verdict_of(&input).at_least_ms, 120000);
		assert_string_equal(fr_verdict_of(&input).kind, FR_KIND_RETRY_AFTER);
	}
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		answer.status = others[i];
		assert_int_equal(fr_verdict_of(&input).at_least_ms, 0);
	}
}

static struct fr_verdict_input input_meant(const struct fr_answer *answer,
					   const struct fr_answer_details *details)
{
	struct fr_verdict_input input = input_with(answer);

	input.details = details;
	return input;
}

static void what_a_format_reads_out_of_an_answer_goes_before_its_status(void **state)
{
	static const struct {
		enum fr_answer_meaning meaning;
		enum fr_action action;
		const char *kind;
		bool ambiguous;
		int64_t floor_ms;
	} rows[] = {
		{FR_ANSWER_BY_STATUS, FR_ACT_RETRY, "server", true, 0},
		{FR_ANSWER_TAKEN, FR_ACT_ACK, "delivered", false, 0},
		{FR_ANSWER_LATER, FR_ACT_RETRY, "server", true, 0},
		{FR_ANSWER_SETUP, FR_ACT_PAUSE, "setup", false, 15 * MINUTE},
		{FR_ANSWER_EVENTS, FR_ACT_BISECT, "refused", false, 0},
		{FR_ANSWER_TOO_LARGE, FR_ACT_SPLIT, "too_large", false, 0},
		{FR_ANSWER_FOR_GOOD, FR_ACT_BURY, "for_good", false, 0},
		{FR_ANSWER_NOBODY_KNOWS, FR_ACT_RETRY, "unknown", true, 0},
	};
	struct fr_answer answer = silent;
	size_t i;

	(void)state;
	answer.status = 500;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fr_answer_details details = {.meaning = rows[i].meaning,
						    .words = "code 60, no such table"};
		struct fr_verdict_input input = input_meant(&answer, &details);
		struct fr_verdict verdict = fr_verdict_of(&input);

		assert_int_equal(verdict.action, rows[i].action);
		assert_string_equal(verdict.kind, rows[i].kind);
		assert_int_equal(verdict.ambiguous, rows[i].ambiguous);
		assert_int_equal(verdict.floor_ms, rows[i].floor_ms);
		assert_false(verdict.then_pause);
		assert_non_null(strstr(verdict.reason, "HTTP 500: "));
		assert_non_null(strstr(verdict.reason, "code 60, no such table"));
	}
}

static void a_page_or_a_proxy_speaks_for_no_format(void **state)
{
	struct fr_answer_details details = {.meaning = FR_ANSWER_TAKEN};
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_meant(&answer, &details);

	(void)state;
	answer.status = 511;
	assert_string_equal(fr_verdict_of(&input).kind, "proxy");
	answer.status = 407;
	details.meaning = FR_ANSWER_FOR_GOOD;
	assert_string_equal(fr_verdict_of(&input).kind, "proxy");
	answer.status = 200;
	answer.content_type = "text/html";
	input.is_http_plain = true;
	assert_string_equal(fr_verdict_of(&input).kind, "captive_portal");
}

static void the_third_refusal_for_good_in_a_row_pauses_as_well(void **state)
{
	struct fr_answer_details details = {.meaning = FR_ANSWER_FOR_GOOD};
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_meant(&answer, &details);
	struct fr_verdict verdict;

	(void)state;
	answer.status = 500;
	input.last_kind = "for_good";
	input.streak = 1;
	assert_false(fr_verdict_of(&input).then_pause);
	input.streak = 2;
	verdict = fr_verdict_of(&input);
	assert_int_equal(verdict.action, FR_ACT_BURY);
	assert_true(verdict.then_pause);
	assert_int_equal(verdict.floor_ms, 15 * MINUTE);
	assert_int_equal(verdict.cap_ms, 15 * MINUTE);
	input.last_kind = "server";
	assert_false(fr_verdict_of(&input).then_pause);
}

static void what_nobody_knows_is_retried_five_times_and_then_pauses(void **state)
{
	struct fr_answer_details details = {.meaning = FR_ANSWER_NOBODY_KNOWS};
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_meant(&answer, &details);
	struct fr_verdict verdict;

	(void)state;
	answer.status = 500;
	input.last_kind = "unknown";
	for (input.streak = 0; input.streak < 5; input.streak++)
		assert_int_equal(fr_verdict_of(&input).action, FR_ACT_RETRY);
	verdict = fr_verdict_of(&input);
	assert_int_equal(verdict.action, FR_ACT_PAUSE);
	assert_int_equal(verdict.floor_ms, 15 * MINUTE);
	assert_true(verdict.ambiguous);
}

/* Whatever a question is answered, the batch behind it is as it was: not taken, not refused. */
static void an_answer_to_a_question_says_nothing_of_the_batch(void **state)
{
	static const struct {
		int status;
		enum fr_answer_meaning meaning;
		enum fr_action action;
		const char *kind;
	} rows[] = {
		{200, FR_ANSWER_BY_STATUS, FR_ACT_PAUSE, "endpoint"},
		{200, FR_ANSWER_TAKEN, FR_ACT_PAUSE, "endpoint"},
		{400, FR_ANSWER_BY_STATUS, FR_ACT_PAUSE, "endpoint"},
		{500, FR_ANSWER_EVENTS, FR_ACT_PAUSE, "endpoint"},
		{413, FR_ANSWER_BY_STATUS, FR_ACT_PAUSE, "endpoint"},
		{500, FR_ANSWER_FOR_GOOD, FR_ACT_PAUSE, "endpoint"},
		{401, FR_ANSWER_BY_STATUS, FR_ACT_PAUSE, "credentials"},
		{404, FR_ANSWER_SETUP, FR_ACT_PAUSE, "setup"},
		{500, FR_ANSWER_LATER, FR_ACT_RETRY, "server"},
		{500, FR_ANSWER_NOBODY_KNOWS, FR_ACT_RETRY, "unknown"},
		{503, FR_ANSWER_BY_STATUS, FR_ACT_RETRY, "overloaded"},
	};
	struct fr_answer_details details = {0};
	struct fr_answer answer = silent;
	struct fr_verdict_input input = input_meant(&answer, &details);
	size_t i;

	(void)state;
	input.is_unsent = true;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fr_verdict verdict;

		answer.status = rows[i].status;
		details.meaning = rows[i].meaning;
		verdict = fr_verdict_of(&input);
		assert_int_equal(verdict.action, rows[i].action);
		assert_string_equal(verdict.kind, rows[i].kind);
		assert_false(verdict.ambiguous);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_its_verdict),
		cmocka_unit_test(only_2xx_acks_whatever_the_number),
		cmocka_unit_test(every_silence_has_its_verdict),
		cmocka_unit_test(a_page_over_plain_http_is_a_captive_portal_and_no_ack),
		cmocka_unit_test(a_2xx_whose_body_broke_off_is_an_ack),
		cmocka_unit_test(a_conflict_over_a_batch_taken_before_is_an_ack),
		cmocka_unit_test(the_tenth_redirect_in_a_row_pauses),
		cmocka_unit_test(the_third_broken_answer_in_a_row_falls_back_to_http1),
		cmocka_unit_test(who_is_offline_for_long_waits_as_for_any_failure),
		cmocka_unit_test(retry_after_is_heeded_on_429_and_503_only),
		cmocka_unit_test(what_a_format_reads_out_of_an_answer_goes_before_its_status),
		cmocka_unit_test(a_page_or_a_proxy_speaks_for_no_format),
		cmocka_unit_test(the_third_refusal_for_good_in_a_row_pauses_as_well),
		cmocka_unit_test(what_nobody_knows_is_retried_five_times_and_then_pauses),
		cmocka_unit_test(an_answer_to_a_question_says_nothing_of_the_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
