/* Out of memory at every allocation of every call of the library: nothing crashes, what was said to
 * be committed is there, what was not is not, and the next call works as soon as there is memory
 * again.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fault_heap.h"
#include "unit/client_fixture.h"

enum { STEP_FROM = 60, STEP = 7 }; /* deep inside SQLite a sample must do */

/* One call, or what belongs together; returns what it was told. */
struct act {
	const char *name;
	enum flightrec_status (*run)(struct client *client);
	int commits; /* events that are there when it returned OK */
};

static enum flightrec_status act_record(struct client *client)
{
	return flightrec_record(client->recorder, "act", "{\"a\":1,\"b\":[1,2,{\"c\":\"text\"}]}");
}

static enum flightrec_status act_build(struct client *client)
{
	flightrec_event *event = flightrec_event_new("act");

	flightrec_event_set_string(event, "text", "some text that needs a buffer of its own");
	flightrec_event_set_json(event, "list", "[1,2,3]");
	flightrec_event_set_double(event, "ratio", 0.1);
	return flightrec_commit(client->recorder, event);
}

static enum flightrec_status act_set_common(struct client *client)
{
	return flightrec_set_common(client->recorder, "{\"common\":true}");
}

static enum flightrec_status act_flush(struct client *client)
{
	return flightrec_flush(client->recorder, 0);
}

static const char catalogue[] =
	"{\"catalogue\":1,\"events\":{\"act\":{\"sinks\":[\"a\"],\"properties\":{"
	"\"a\":{\"type\":\"string\",\"pattern\":\"^[a-z\\n]+$\"},\"b\":{\"enum\":[1,2]}}}}}";

/* The first event of a recorder opens everything. It keeps to its catalogue: a property that could
 * not be judged must not stay. */
static enum flightrec_status act_first_event(struct client *client)
{
	flightrec_options *options = flightrec_options_new();
	enum flightrec_status status = FLIGHTREC_NOMEM;
	flightrec *recorder = NULL;

	flightrec_options_set_home(options, client->home);
	flightrec_options_set_config(options, client->config);
	flightrec_options_set_durability(options, FLIGHTREC_PROCESS);
	flightrec_options_set_user_id(options, "user-123");
	flightrec_options_set_catalogue_json(options, catalogue);
	if (options != NULL) /* without options it would be another home */
		status = flightrec_open(&recorder, options);
	assert_true((status == FLIGHTREC_OK) == (recorder != NULL));
	if (status == FLIGHTREC_OK)
		status = flightrec_record(recorder, "act", "{\"a\":\"x\\n\",\"undeclared\":1}");
	flightrec_close(recorder);
	return status;
}

static const struct act acts[] = {
	{"record", act_record, 1},
	{"build and commit", act_build, 1},
	{"set_common", act_set_common, 0},
	{"flush", act_flush, 0},
	{"open, record, close", act_first_event, 1},
};

static int64_t count_events(const struct client *client)
{
	return client_ask(client, "SELECT count(*) FROM pending");
}

/* What a call may answer when memory was short. BUSY is a flush without an agent. */
static bool is_expected(enum flightrec_status status)
{
	return status == FLIGHTREC_OK || status == FLIGHTREC_NOMEM || status == FLIGHTREC_BUSY;
}

/* Returns whether the heap ran out at all. */
static bool try_at(struct client *client, const struct act *act, unsigned n, bool for_ever)
{
	enum flightrec_status status;
	int64_t before, expected;
	bool fired;

	assert_int_equal(flightrec_record(client->recorder, "before", NULL), FLIGHTREC_OK);
	before = count_events(client);
	fault_heap_arm(n, for_ever);
	status = act->run(client);
	fired = fault_heap_disarm();
	if (!is_expected(status))
		fail_msg("%s, allocation %u fails%s: %s", act->name, n,
			 for_ever ? " and all after it" : "", flightrec_strerror(status));
	expected = before + (status == FLIGHTREC_OK ? act->commits : 0);
	if (count_events(client) != expected)
		fail_msg("%s, allocation %u fails%s: told %s, but there are %d events, not %d",
			 act->name, n, for_ever ? " and all after it" : "",
			 flightrec_strerror(status), (int)count_events(client), (int)expected);
	assert_int_equal(
		client_ask(client,
			   "SELECT count(*) FROM event WHERE properties LIKE '%undeclared%'"),
		0);
	assert_int_equal(flightrec_record(client->recorder, "after", NULL), FLIGHTREC_OK);
	return fired;
}

static void sweep(struct client *client, bool for_ever)
{
	unsigned failures = 0;

	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		unsigned n = 1;

		for (; try_at(client, &acts[i], n, for_ever); failures++)
			n += n < STEP_FROM ? 1 : STEP;
		print_message("%s: up to allocation %u\n", acts[i].name, n);
	}
	assert_true(failures > 0); /* else nothing was made to fail */
}

static flightrec *open_without_limits(struct client *client)
{
	flightrec_options *options = client_options(client);

	client_configure(client, "{\"limits\":{\"burst\":0}}");
	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	return client_open(client, options);
}

static void an_allocation_that_fails_once_loses_nothing(void **state)
{
	struct client *client = *state;

	(void)open_without_limits(client);
	sweep(client, false);
}

static void memory_that_stays_short_loses_nothing(void **state)
{
	struct client *client = *state;

	(void)open_without_limits(client);
	sweep(client, true);
}

static int heap_install(void **state)
{
	(void)state;
	test_folder_in_memory();
	fault_heap_install();
	return 0;
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, client_make, client_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(an_allocation_that_fails_once_loses_nothing),
		CLIENT_TEST(memory_that_stays_short_loses_nothing),
	};

	return cmocka_run_group_tests(tests, heap_install, NULL);
}
