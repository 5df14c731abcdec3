/* A thousand batches over TLS, with as many authorities as a system has: the agent stays small. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secure_fixture.h"
#include "support/memory.h"

enum { BATCHES = 1000, EVENTS_EACH = 2, ANONYMOUS_MAX_KIB = 6 * 1024 };

/* Ours, and behind it all of the system's, where they are as on most. */
static void bundle_write(const struct secure_fixture *fixture)
{
	static const char *const systems[] = {"/etc/ssl/certs/ca-certificates.crt",
					      "/etc/pki/tls/certs/ca-bundle.crt",
					      "/etc/ssl/cert.pem"};
	char path[TEST_PATH_MAX];
	char *ours =
		test_file_read(test_folder_path(&fixture->agent->folder, "ca.pem", path), NULL);
	char *theirs = NULL, *both;

	for (size_t i = 0; theirs == NULL && i < sizeof systems / sizeof systems[0]; i++)
		theirs = test_file_read(systems[i], NULL);
	assert_non_null(ours);
	both = malloc(strlen(ours) + (theirs != NULL ? strlen(theirs) : 0) + 1);
	assert_non_null(both);
	memcpy(both, ours, strlen(ours) + 1);
	if (theirs != NULL)
		memcpy(both + strlen(ours), theirs, strlen(theirs) + 1);
	test_folder_write(&fixture->agent->folder, "bundle.pem", both);
	free(both);
	free(theirs);
	free(ours);
}

static void a_thousand_batches_over_tls_leave_the_agent_small(void **state)
{
	struct secure_fixture *fixture = *state;
	long before, after;

	SKIP_WITHOUT_NGINX();
	bundle_write(fixture);
	fixture->batch_events = EVENTS_EACH;
	test_nginx_start(&fixture->nginx);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port,
			 "\"tls\":{\"ca_file\":\"FOLDER/bundle.pem\"}");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 1);
	agent_await_queue(fixture->agent, "SELECT count(*) FROM pending", 0);
	before = test_memory_anonymous(test_process_id(fixture->agent->agent));
	agent_record(fixture->agent, "e", BATCHES * EVENTS_EACH);
	secure_await_delivery(fixture, BATCHES * EVENTS_EACH + 1);
	after = test_memory_anonymous(test_process_id(fixture->agent->agent));
	print_message("anonymous: %ld KiB after one batch, %ld KiB after %d\n", before, after,
		      test_nginx_count(&fixture->nginx, ""));
	assert_true(test_nginx_count(&fixture->nginx, "") > BATCHES);
	if (RUNS_SANITIZED || after < 0)
		skip();
	assert_in_range(after, 0, ANONYMOUS_MAX_KIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE_TEST(a_thousand_batches_over_tls_leave_the_agent_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
