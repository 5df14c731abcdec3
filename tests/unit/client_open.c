/* What opening, closing and consent leave on the disk, and what is refused at open. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client_fixture.h"
#include "client/options.h"
#include "event/uuid.h"
#include "support/process.h"

static enum flightrec_status open_status(struct client *client, flightrec_options *options)
{
	flightrec *recorder = NULL;
	enum flightrec_status status = flightrec_open(&recorder, options);

	(void)client;
	assert_true((status == FLIGHTREC_OK) == (recorder != NULL));
	flightrec_close(recorder);
	return status;
}

static void opening_and_closing_touches_nothing(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);

	assert_true(fr_uuid_is_valid(flightrec_session_id(recorder)));
	assert_int_equal(flightrec_flush(recorder, 10), FLIGHTREC_OK);
	client_close(client);
	assert_int_equal(client_count_files(client), 0);
	assert_int_equal(access(client->home, F_OK), -1);
}

static void wrong_options_are_refused_with_a_reason(void **state)
{
	struct client *client = *state;
	char label[300];
	flightrec_options *options = client_options(client);

	flightrec_options_set_app(options, "Not An App");
	assert_int_equal(open_status(client, options), FLIGHTREC_INVALID);
	assert_non_null(strstr(client->log, "Not An App"));
	options = client_options(client);
	flightrec_options_set_durability(options, (enum flightrec_durability)7);
	assert_int_equal(open_status(client, options), FLIGHTREC_INVALID);
	options = client_options(client);
	flightrec_options_set_consent(options, (enum flightrec_consent)7);
	assert_int_equal(open_status(client, options), FLIGHTREC_INVALID);
	options = client_options(client);
	flightrec_options_set_busy_timeout(options, 60001);
	assert_int_equal(open_status(client, options), FLIGHTREC_INVALID);
	memset(label, 'x', sizeof label);
	label[257] = '\0';
	options = client_options(client);
	flightrec_options_set_service(options, label);
	assert_int_equal(open_status(client, options), FLIGHTREC_INVALID);
	options = client_options(client);
	flightrec_options_set_version(options, "1.\xff");
	assert_int_equal(open_status(client, options), FLIGHTREC_INVALID);
	options = client_options(client);
	flightrec_options_set_config(options, "/no/such/config.json");
	assert_int_equal(open_status(client, options), FLIGHTREC_INVALID);
	assert_non_null(strstr(client->log, "/no/such/config.json"));
	assert_int_equal(flightrec_open(NULL, client_options(client)), FLIGHTREC_INVALID);
	assert_int_equal(client_count_files(client), 0);
}

static void options_accept_null_and_take_settings_back(void **state)
{
	struct client *client = *state;
	flightrec_options *options = client_options(client);

	flightrec_options_free(NULL);
	flightrec_options_set_app(NULL, "x");
	flightrec_options_set_service(NULL, "x");
	flightrec_options_set_version(NULL, "x");
	flightrec_options_set_home(NULL, "x");
	flightrec_options_set_config(NULL, "x");
	flightrec_options_set_catalogue_json(NULL, "x");
	flightrec_options_set_user_id(NULL, "x");
	flightrec_options_set_durability(NULL, FLIGHTREC_POWER);
	flightrec_options_set_consent(NULL, FLIGHTREC_CONSENT_ON);
	flightrec_options_set_busy_timeout(NULL, 1);
	flightrec_options_set_logger(NULL, NULL, NULL);
	flightrec_options_set_notice(NULL, NULL, NULL);
	flightrec_options_set_app(options, "Wrong");
	flightrec_options_set_app(options, NULL);
	assert_null(options->app);
	assert_int_equal(open_status(client, options), FLIGHTREC_OK);
}

static void the_hosts_user_id_becomes_a_bucket(void **state)
{
	struct client *client = *state;
	flightrec_options *options = client_options(client);

	flightrec_options_set_user_id(options, "user-123");
	assert_int_equal(flightrec_user_bucket(client_open(client, options)), 25);
	assert_int_equal(flightrec_record(client->recorder, "e", NULL), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT user_bucket FROM session"), 25);
	assert_false(client_has_file(client, "identity"));
}

static void the_bucket_of_a_home_stays_the_same(void **state)
{
	struct client *client = *state;
	unsigned bucket = flightrec_user_bucket(client_open(client, NULL));

	assert_in_range(bucket, 0, 29);
	assert_true(client_has_file(client, "identity"));
	assert_int_equal(flightrec_record(client->recorder, "e", NULL), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT user_bucket FROM session"), bucket);
	assert_int_equal(flightrec_user_bucket(client_open(client, NULL)), bucket);
}

static void an_identity_that_is_none_stops_events_and_is_left_alone(void **state)
{
	struct client *client = *state;
	char path[TEST_PATH_MAX];
	char *text;

	(void)flightrec_user_bucket(client_open(client, NULL));
	assert_int_equal(truncate(client_path(client, "identity", path), 5), 0);
	assert_int_equal(flightrec_record(client_open(client, NULL), "e", NULL), FLIGHTREC_IO);
	assert_non_null(strstr(client->log, path));
	text = test_file_read(path, NULL);
	assert_int_equal(strlen(text), 5);
	free(text);
}

/* ---- consent ---- */

static flightrec *open_with_consent(struct client *client, enum flightrec_consent consent)
{
	flightrec_options *options = client_options(client);

	flightrec_options_set_consent(options, consent);
	return client_open(client, options);
}

static void off_leaves_no_trace(void **state)
{
	struct client *client = *state;
	flightrec *recorder = open_with_consent(client, FLIGHTREC_CONSENT_OFF);

	assert_int_equal(flightrec_record(recorder, "e", "{\"a\":1}"), FLIGHTREC_OFF);
	assert_int_equal(flightrec_record(recorder, "not a name", "{"), FLIGHTREC_OFF);
	assert_int_equal(flightrec_commit(recorder, flightrec_event_new("e")), FLIGHTREC_OFF);
	assert_int_equal(flightrec_set_common(recorder, "{}"), FLIGHTREC_OK);
	assert_int_equal(flightrec_flush(recorder, 100), FLIGHTREC_OK);
	assert_int_equal(flightrec_user_bucket(recorder), 0);
	client_close(client);
	assert_int_equal(access(client->home, F_OK), -1);
}

static void do_not_track_is_off(void **state)
{
	struct client *client = *state;

	assert_int_equal(setenv("DO_NOT_TRACK", "1", 1), 0);
	assert_int_equal(
		flightrec_record(open_with_consent(client, FLIGHTREC_CONSENT_ON), "e", NULL),
		FLIGHTREC_OFF);
	assert_int_equal(unsetenv("DO_NOT_TRACK"), 0);
	assert_int_equal(access(client->home, F_OK), -1);
}

static void each_row_keeps_the_consent_it_was_recorded_under(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);

	assert_int_equal(flightrec_record(recorder, "quiet", NULL), FLIGHTREC_OK);
	client_choose(client, "on");
	assert_int_equal(flightrec_record(recorder, "loud", NULL), FLIGHTREC_OK);
	client_choose(client, "local");
	assert_int_equal(flightrec_record(recorder, "quiet", NULL), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE"
					    " (name = 'loud') = (consent = 'on')"),
			 3);
}

static void a_choice_of_off_counts_from_the_next_event_and_lets_go_of_the_queue(void **state)
{
	struct client *client = *state;
	flightrec *recorder = client_open(client, NULL);
	char path[TEST_PATH_MAX], link[64], target[TEST_PATH_MAX];

	assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_OK);
	client_choose(client, "off");
	assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_OFF);
	(void)client_path(client, "", path);
	for (int fd = 3; fd < 64; fd++) { /* nothing in the home is open any more */
		ssize_t length;

		(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		length = readlink(link, target, sizeof target - 1);
		if (length > 0) {
			target[length] = '\0';
			assert_null(strstr(target, path));
		}
	}
	client_choose(client, "on");
	assert_int_equal(flightrec_record(recorder, "e", NULL), FLIGHTREC_OK);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending WHERE seq = 1"), 1);
}

static void under_ci_events_say_so(void **state)
{
	struct client *client = *state;

	assert_int_equal(setenv("CI", "true", 1), 0);
	assert_int_equal(flightrec_record(client_open(client, NULL), "e", NULL), FLIGHTREC_OK);
	assert_int_equal(unsetenv("CI"), 0);
	assert_int_equal(client_ask(client, "SELECT ci FROM session"), 1);
}

/* ---- the notice ---- */

struct notice {
	int shown;
	int answer;
};

static int show(void *context)
{
	struct notice *notice = context;

	notice->shown++;
	return notice->answer;
}

static void record_with_notice(struct client *client, struct notice *notice)
{
	flightrec_options *options = client_options(client);

	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	flightrec_options_set_notice(options, show, notice);
	assert_int_equal(flightrec_record(client_open(client, options), "e", NULL), FLIGHTREC_OK);
}

static void nothing_is_sent_before_the_notice_nor_in_the_run_that_shows_it(void **state)
{
	struct client *client = *state;
	struct notice notice = {.answer = 0};

	record_with_notice(client, &notice);
	record_with_notice(client, &notice);
	assert_int_equal(notice.shown, 2); /* it could not be shown: asked again */
	notice.answer = 1;
	record_with_notice(client, &notice);
	assert_int_equal(notice.shown, 3);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE consent = 'on'"), 0);
	record_with_notice(client, &notice);
	assert_int_equal(notice.shown, 3);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE consent = 'on'"), 1);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), 4);
}

static void a_note_that_does_not_say_that_it_was_shown_keeps_events_here(void **state)
{
	static const char *const texts[] = {"", "{\"shown", "yes"};
	struct client *client = *state;
	struct notice notice = {.answer = 1};
	char path[TEST_PATH_MAX];

	assert_int_equal(mkdir(client->home, 0700), 0);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		FILE *file = fopen(client_path(client, "notice.json", path), "w");

		assert_non_null(file);
		(void)fputs(texts[i], file);
		assert_int_equal(fclose(file), 0);
		record_with_notice(client, &notice);
	}
	assert_int_equal(notice.shown, 0);
	assert_non_null(strstr(client->log, "notice.json does not say that the notice was shown"));
	assert_int_equal(client_ask(client, "SELECT count(*) FROM event WHERE consent = 'on'"), 0);
	assert_int_equal(unlink(path), 0);
	record_with_notice(client, &notice);
	assert_int_equal(notice.shown, 1);
}

static void under_off_no_notice_is_shown(void **state)
{
	struct client *client = *state;
	struct notice notice = {.answer = 1};
	flightrec_options *options = client_options(client);

	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_OFF);
	flightrec_options_set_notice(options, show, &notice);
	(void)client_open(client, options);
	assert_int_equal(notice.shown, 0);
	assert_int_equal(access(client->home, F_OK), -1);
}

/* ---- closing ---- */

/* The quickest of five: one may meet a machine that does something else just then. */
static void closing_is_quick_whatever_lies_in_the_queue(void **state)
{
	struct client *client = *state;
	long long quickest_ms = TEST_PATIENCE_MS;

	for (int round = 0; round < 5; round++) {
		flightrec *recorder = client_open(client, NULL);
		long long start;

		for (int i = 0; i < 600; i++)
			assert_int_equal(flightrec_record(recorder, "e", "{\"a\":\"some text\"}"),
					 FLIGHTREC_OK);
		start = test_now_ms();
		client_close(client);
		if (test_now_ms() - start < quickest_ms)
			quickest_ms = test_now_ms() - start;
	}
	assert_in_range(quickest_ms, 0, 50);
	assert_int_equal(client_ask(client, "SELECT count(*) FROM pending"), 3000);
}

static void the_words_are_there_for_every_status(void **state)
{
	(void)state;
	for (int status = -1; status < 100; status++) {
		const char *text = flightrec_strerror((enum flightrec_status)status);

		assert_non_null(text);
		assert_true(text[0] != '\0');
	}
	assert_string_equal(flightrec_version(), FR_VERSION);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(opening_and_closing_touches_nothing),
		CLIENT_TEST(wrong_options_are_refused_with_a_reason),
		CLIENT_TEST(options_accept_null_and_take_settings_back),
		CLIENT_TEST(the_hosts_user_id_becomes_a_bucket),
		CLIENT_TEST(the_bucket_of_a_home_stays_the_same),
		CLIENT_TEST(an_identity_that_is_none_stops_events_and_is_left_alone),
		CLIENT_TEST(off_leaves_no_trace),
		CLIENT_TEST(do_not_track_is_off),
		CLIENT_TEST(each_row_keeps_the_consent_it_was_recorded_under),
		CLIENT_TEST(a_choice_of_off_counts_from_the_next_event_and_lets_go_of_the_queue),
		CLIENT_TEST(under_ci_events_say_so),
		CLIENT_TEST(nothing_is_sent_before_the_notice_nor_in_the_run_that_shows_it),
		CLIENT_TEST(a_note_that_does_not_say_that_it_was_shown_keeps_events_here),
		CLIENT_TEST(under_off_no_notice_is_shown),
		CLIENT_TEST(closing_is_quick_whatever_lies_in_the_queue),
		CLIENT_TEST(the_words_are_there_for_every_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
