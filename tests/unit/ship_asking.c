/* A transport that asks before it sends, in front of one that the test plays. */
#include "ship/asking.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/sink_fixture.h"

enum { UNDER_WAY_MAX = 8 };

#define URL      "http://127.0.0.1/?query=x"
#define SETTINGS "&async_insert=0&insert_deduplicate=1"
#define OLD      "max_threads\n"
#define NEW      "max_threads\nasync_insert\ninsert_deduplicate\n"

/* What the inner transport was given and has not answered yet; url NULL: free. */
struct under_way {
	struct fr_exchange base;
	char *url, *body;
	fr_on_result *on_result;
	void *context;
};

struct world {
	struct fr_transport inner; /* first: the fake is the world */
	struct under_way under_way[UNDER_WAY_MAX];
	unsigned sent, http1;
	enum fr_status send_status; /* of the inner transport */
	struct fr_sink_settings settings;
	struct fr_transport *transport;

	/* The last result. */
	unsigned calls;
	enum fr_outcome outcome;
	int status;
	bool is_unsent;
	char text[FR_OUTCOME_TEXT];
	char body[64];
};

static enum fr_status inner_send(struct fr_transport *transport, const struct fr_sending *sending,
				 struct fr_exchange **out, struct fr_error *err)
{
	struct world *world = (struct world *)transport;
	struct under_way *free_one = world->under_way;

	if (world->send_status != FR_OK)
		return fr_fail(err, world->send_status, "the inner transport fails");
	while (free_one->url != NULL)
		free_one++;
	free_one->base.transport = transport;
	free_one->url = strdup(sending->request->url);
	free_one->body = strdup(fr_buffer_text(&sending->request->body));
	free_one->on_result = sending->on_result;
	free_one->context = sending->context;
	world->sent++;
	*out = &free_one->base;
	return FR_OK;
}

static void inner_finish(struct under_way *one, const struct fr_exchange_result *result)
{
	struct under_way gone = *one;

	one->url = NULL;
	gone.on_result(gone.context, result);
	free(gone.url);
	free(gone.body);
}

static void inner_silence(struct under_way *one, enum fr_outcome outcome)
{
	const struct fr_exchange_result result = {
		.outcome = outcome,
		.answer = {.content_type = "", .retry_after = "", .date = "", .body = ""},
		.text = "no answer",
	};

	inner_finish(one, &result);
}

static void inner_cancel(struct fr_exchange *exchange)
{
	inner_silence((struct under_way *)exchange, FR_OUTCOME_AMBIGUOUS);
}

static void inner_use_http1(struct fr_transport *transport)
{
	((struct world *)transport)->http1++;
}

static void inner_free(struct fr_transport *transport)
{
	struct world *world = (struct world *)transport;
	size_t i;

	for (i = 0; i < UNDER_WAY_MAX; i++)
		if (world->under_way[i].url != NULL)
			inner_cancel(&world->under_way[i].base);
}

static int set_up(void **state)
{
	static const struct fr_transport_kind kind = {inner_send, inner_cancel, inner_use_http1,
						      inner_free};
	struct world *world = calloc(1, sizeof *world);
	struct fr_error err = {0};

	world->inner.kind = &kind;
	world->settings = sink_settings("clickhouse");
	world->settings.url = "http://127.0.0.1/";
	assert_int_equal(fr_asking_new(&world->transport, &world->inner, &world->settings,
				       fr_sink_format_find("clickhouse")->question, &err),
			 FR_OK);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	fr_transport_free(world->transport);
	free(world);
	return 0;
}

/* ---- acts ---- */

static void on_result(void *context, const struct fr_exchange_result *result)
{
	struct world *world = context;

	world->calls++;
	world->outcome = result->outcome;
	world->status = result->answer.status;
	world->is_unsent = result->is_unsent;
	(void)snprintf(world->text, sizeof world->text, "%s", result->text);
	(void)snprintf(world->body, sizeof world->body, "%s", result->answer.body);
}

static enum fr_status send(struct world *world, struct fr_exchange **out)
{
	struct fr_request request;
	struct fr_sending sending = {&request, SINK_TIME_US, on_result, world};
	struct fr_error err = {0};
	enum fr_status status;

	fr_request_init(&request, 1000);
	assert_int_equal(fr_request_set_url(&request, URL SETTINGS, &err), FR_OK);
	assert_int_equal(fr_request_leave_out(&request, 3, &err), FR_OK);
	fr_buffer_add_text(&request.body, "rows");
	status = fr_transport_send(world->transport, &sending, out, &err);
	assert_int_equal(request.left_out_count, 1);
	assert_int_equal(request.left_out[0], 3);
	fr_request_fini(&request);
	return status;
}

static void must_send(struct world *world)
{
	struct fr_exchange *exchange;

	assert_int_equal(send(world, &exchange), FR_OK);
}

static void say(struct world *world, size_t index, int status, const char *body, bool is_new)
{
	const struct fr_exchange_result result = {
		.outcome = FR_OUTCOME_ANSWER,
		.answer = {.status = status,
			   .content_type = "",
			   .retry_after = "",
			   .date = "",
			   .body = body,
			   .body_length = strlen(body)},
		.text = "",
		.is_new_connection = is_new,
	};

	inner_finish(&world->under_way[index], &result);
}

static bool is_question(const struct world *world, size_t index)
{
	return world->under_way[index].url != NULL &&
	       strstr(world->under_way[index].body, "system.settings") != NULL;
}

/* One request, asked for first when that is expected, and answered. */
static void exchange(struct world *world, bool is_asked)
{
	must_send(world);
	assert_int_equal(is_question(world, 0), is_asked);
	if (is_asked)
		say(world, 0, 200, NEW, true);
	assert_false(is_question(world, 0));
	say(world, 0, 200, "", false);
	assert_int_equal(world->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->status, 200);
	assert_false(world->is_unsent);
}

/* ---- what is asked ---- */

static void the_question_goes_first_and_the_request_waits_for_its_answer(void **state)
{
	struct world *world = *state;

	must_send(world);
	assert_int_equal(world->sent, 1);
	assert_true(is_question(world, 0));
	assert_string_equal(world->under_way[0].url, "http://127.0.0.1/");
	say(world, 0, 200, OLD, true);
	assert_int_equal(world->calls, 0);
	assert_int_equal(world->sent, 2);
	assert_string_equal(world->under_way[0].url, URL);
	assert_string_equal(world->under_way[0].body, "rows");
	say(world, 0, 200, "", false);
	assert_int_equal(world->calls, 1);
	assert_int_equal(world->status, 200);
	assert_false(world->is_unsent);
}

static void what_was_learned_holds_for_the_connection(void **state)
{
	struct world *world = *state;
	int i;

	exchange(world, true);
	for (i = 0; i < 3; i++)
		exchange(world, false);
	assert_int_equal(world->sent, 5);
	must_send(world);
	assert_string_equal(world->under_way[0].url, URL SETTINGS);
	say(world, 0, 200, "", false);
}

static void a_new_connection_or_a_silence_means_asking_anew(void **state)
{
	struct world *world = *state;

	exchange(world, true);
	must_send(world);
	say(world, 0, 200, "", true);
	exchange(world, true);
	must_send(world);
	inner_silence(&world->under_way[0], FR_OUTCOME_AMBIGUOUS);
	assert_int_equal(world->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_false(world->is_unsent); /* the request itself had no answer */
	exchange(world, true);
	must_send(world);
	inner_silence(&world->under_way[0], FR_OUTCOME_OFFLINE);
	exchange(world, true);
	must_send(world);
	say(world, 0, 503, "", false);
	exchange(world, false);
}

static void a_server_that_no_longer_knows_a_setting_is_asked_before_the_next_try(void **state)
{
	struct world *world = *state;

	exchange(world, true);
	must_send(world);
	say(world, 0, 404, "Code: 115, unknown", false);
	assert_int_equal(world->outcome, FR_OUTCOME_OFFLINE);
	assert_true(world->is_unsent);
	assert_int_equal(world->status, 0);
	exchange(world, true);
}

static void a_server_that_claims_a_setting_and_refuses_it_is_heard(void **state)
{
	struct world *world = *state;

	must_send(world);
	say(world, 0, 200, NEW, true);
	say(world, 0, 404, "Code: 115, unknown", false);
	assert_int_equal(world->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->status, 404);
	assert_false(world->is_unsent);
	assert_string_equal(world->body, "Code: 115, unknown");
	exchange(world, true);
}

/* ---- when it fails ---- */

static void a_refused_question_is_told_as_it_is_and_nothing_was_sent(void **state)
{
	struct world *world = *state;

	must_send(world);
	say(world, 0, 401, "Code: 193, wrong", true);
	assert_int_equal(world->sent, 1);
	assert_int_equal(world->calls, 1);
	assert_int_equal(world->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->status, 401);
	assert_string_equal(world->body, "Code: 193, wrong");
	assert_true(world->is_unsent);
	exchange(world, true);
}

static void a_2xx_that_answers_something_else_is_no_answer(void **state)
{
	struct world *world = *state;

	must_send(world);
	say(world, 0, 200, "", true);
	assert_int_equal(world->outcome, FR_OUTCOME_LOCAL);
	assert_int_equal(world->status, 0);
	assert_true(world->is_unsent);
	assert_string_equal(world->text, "HTTP 200 to the question what the server can do, and no "
					 "answer to it: this is no \"clickhouse\" server");
	must_send(world);
	say(world, 0, 202, NEW, true);
	assert_int_equal(world->outcome, FR_OUTCOME_LOCAL);
	assert_int_equal(world->sent, 2);
}

static void a_question_without_an_answer_was_not_sent_rather_than_maybe_taken(void **state)
{
	static const struct {
		enum fr_outcome given, told;
	} rows[] = {
		{FR_OUTCOME_AMBIGUOUS, FR_OUTCOME_OFFLINE},
		{FR_OUTCOME_OFFLINE, FR_OUTCOME_OFFLINE},
		{FR_OUTCOME_TLS, FR_OUTCOME_TLS},
		{FR_OUTCOME_LOCAL, FR_OUTCOME_LOCAL},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		must_send(world);
		assert_true(is_question(world, 0));
		inner_silence(&world->under_way[0], rows[i].given);
		assert_int_equal(world->outcome, rows[i].told);
		assert_true(world->is_unsent);
		assert_string_equal(world->text, "no answer");
	}
	assert_int_equal(world->sent, 4);
	assert_int_equal(world->http1, 0);
}

static void three_silences_in_a_row_mean_http1(void **state)
{
	struct world *world = *state;
	int i;

	for (i = 0; i < 2; i++) {
		must_send(world);
		inner_silence(&world->under_way[0], FR_OUTCOME_AMBIGUOUS);
	}
	must_send(world);
	say(world, 0, 503, "", true); /* an answer: it begins anew */
	for (i = 0; i < 3; i++) {
		assert_int_equal(world->http1, 0);
		must_send(world);
		inner_silence(&world->under_way[0], FR_OUTCOME_AMBIGUOUS);
	}
	assert_int_equal(world->http1, 1);
	fr_transport_use_http1(world->transport);
	assert_int_equal(world->http1, 2);
}

static void a_question_that_cannot_be_handed_over_leaves_the_request_with_its_owner(void **state)
{
	struct world *world = *state;
	struct fr_exchange *exchange;

	world->send_status = FR_NOMEM;
	assert_int_equal(send(world, &exchange), FR_NOMEM);
	assert_null(exchange);
	assert_int_equal(world->calls, 0);
}

static void a_request_that_cannot_be_handed_over_after_its_question_was_not_sent(void **state)
{
	struct world *world = *state;

	must_send(world);
	world->send_status = FR_NOMEM;
	say(world, 0, 200, NEW, true);
	assert_int_equal(world->calls, 1);
	assert_int_equal(world->outcome, FR_OUTCOME_OFFLINE);
	assert_true(world->is_unsent);
	assert_string_equal(world->text, "the inner transport fails");
	world->send_status = FR_OK;
	must_send(world);
	world->send_status = FR_INVALID;
	say(world, 0, 200, "", false);
	assert_int_equal(world->outcome, FR_OUTCOME_ANSWER);
}

/* ---- several, and the end ---- */

static void two_at_once_have_a_question_each(void **state)
{
	struct world *world = *state;

	must_send(world);
	must_send(world);
	assert_true(is_question(world, 0));
	assert_true(is_question(world, 1));
	say(world, 1, 200, NEW, true);
	say(world, 0, 500, "", true);
	assert_int_equal(world->calls, 1);
	assert_true(world->is_unsent);
	assert_int_equal(world->sent, 3);
	assert_string_equal(world->under_way[1].url, URL SETTINGS);
	say(world, 1, 200, "", false);
	assert_int_equal(world->calls, 2);
}

static void a_cancelled_question_takes_its_request_with_it(void **state)
{
	struct world *world = *state;
	struct fr_exchange *exchange;

	assert_int_equal(send(world, &exchange), FR_OK);
	fr_transport_cancel(exchange);
	assert_int_equal(world->calls, 1);
	assert_int_equal(world->sent, 1);
	assert_true(world->is_unsent);
	assert_int_equal(send(world, &exchange), FR_OK);
	say(world, 0, 200, NEW, true);
	fr_transport_cancel(exchange);
	assert_int_equal(world->calls, 2);
	assert_int_equal(world->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_false(world->is_unsent);
}

static void at_the_end_each_of_them_is_called_back_once(void **state)
{
	struct world *world = *state;

	must_send(world);
	say(world, 0, 200, NEW, true); /* the request is under way */
	inner_silence(&world->under_way[0], FR_OUTCOME_OFFLINE);
	world->calls = 0;
	must_send(world); /* a question */
	must_send(world);
	fr_transport_free(world->transport);
	world->transport = NULL;
	assert_int_equal(world->calls, 2);
	assert_true(world->is_unsent);
}

#define ASKING_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKING_TEST(the_question_goes_first_and_the_request_waits_for_its_answer),
		ASKING_TEST(what_was_learned_holds_for_the_connection),
		ASKING_TEST(a_new_connection_or_a_silence_means_asking_anew),
		ASKING_TEST(a_server_that_no_longer_knows_a_setting_is_asked_before_the_next_try),
		ASKING_TEST(a_server_that_claims_a_setting_and_refuses_it_is_heard),
		ASKING_TEST(a_refused_question_is_told_as_it_is_and_nothing_was_sent),
		ASKING_TEST(a_2xx_that_answers_something_else_is_no_answer),
		ASKING_TEST(a_question_without_an_answer_was_not_sent_rather_than_maybe_taken),
		ASKING_TEST(three_silences_in_a_row_mean_http1),
		ASKING_TEST(
			a_question_that_cannot_be_handed_over_leaves_the_request_with_its_owner),
		ASKING_TEST(a_request_that_cannot_be_handed_over_after_its_question_was_not_sent),
		ASKING_TEST(two_at_once_have_a_question_each),
		ASKING_TEST(a_cancelled_question_takes_its_request_with_it),
		ASKING_TEST(at_the_end_each_of_them_is_called_back_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
