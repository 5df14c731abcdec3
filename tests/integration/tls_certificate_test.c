/* The server's certificate, good and bad: with a bad one nothing is sent and nothing dropped,
 * status says why, and as soon as it is right delivery goes on by itself. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secure_fixture.h"

/* A handshake for each request, and always a whole one: the certificate is looked at anew. */
static const char forgetful[] =
	"keepalive_timeout 0; ssl_session_tickets off; ssl_session_cache off;";

static void events_arrive_over_tls_many_batches_on_one_connection(void **state)
{
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_NGINX();
	test_nginx_start(&fixture->nginx);
	secure_configure_nginx(fixture);
	agent_record(fixture->agent, "e", 2000);
	agent_start(fixture->agent);
	secure_await_delivery(fixture, 2000);
	assert_in_range(test_nginx_count(&fixture->nginx, ""), 20, 30);
	assert_int_equal(test_nginx_count(&fixture->nginx, " connection-request=1 "), 1);
	assert_int_equal(test_nginx_count(&fixture->nginx, "tls=TLSv1.3"),
			 test_nginx_count(&fixture->nginx, ""));
}

static const struct {
	const char *what;
	struct test_certificate certificate;
	bool is_strange;      /* signed by an authority that nobody here trusts */
	const char *words[2]; /* both are in the status */
} bad[] = {
	{"expired", {.ends_h = -1}, false, {"certificate has expired", "must be renewed"}},
	{"not yet valid", {.begins_h = 2, .ends_h = 4}, false, {"not yet valid", "clock right?"}},
	{"for another host",
	 {.names = "DNS:elsewhere.example"},
	 false,
	 {"no alternative certificate subject name matches", "for another host"}},
	{"for another address", {.names = "IP:127.0.0.2"}, false, {"127.0.0.1", "another host"}},
	{"self-signed", {.is_own = true}, false, {"self", "tls.ca_file names"}},
	{"from a stranger", {0}, true, {"issuer certificate", "tls.ca_file names"}},
	{"weak", {.is_weak = true}, false, {"key too weak", "stronger key"}},
};

static void with_a_bad_certificate_nothing_is_sent_until_it_is_a_good_one(void **state)
{
	struct secure_fixture *fixture = *state;
	const struct test_folder *folder = &fixture->agent->folder;
	struct test_authority *stranger = test_authority_new(folder, "strange.pem");
	long long sent = 0;

	SKIP_WITHOUT_NGINX();
	fixture->nginx.more = forgetful;
	test_nginx_start(&fixture->nginx);
	secure_configure_nginx(fixture);
	agent_start(fixture->agent);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int answered = test_nginx_count(&fixture->nginx, "");

		print_message("a certificate that is %s\n", bad[i].what);
		test_certificate_write(folder, "server.pem",
				       bad[i].is_strange ? stranger : fixture->authority,
				       &bad[i].certificate);
		agent_record(fixture->agent, "e", 3);
		secure_await_status(fixture, bad[i].words[0]);
		secure_await_status(fixture, bad[i].words[1]);
		secure_await_status(fixture, "\"kind\":\"tls\"");
		assert_int_equal(secure_pending(fixture), 3);
		assert_int_equal(test_nginx_count(&fixture->nginx, ""), answered);
		assert_int_equal(test_intake_stat(&fixture->agent->intake, "events_received"),
				 sent);
		test_certificate_write(folder, "server.pem", fixture->authority,
				       &(struct test_certificate){0});
		sent += 3;
		secure_await_delivery(fixture, sent);
	}
	test_authority_free(stranger);
}

static void a_server_of_old_protocols_gets_nothing_until_it_learns_a_new_one(void **state)
{
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_NGINX();
	fixture->nginx.protocols = "TLSv1 TLSv1.1";
	test_nginx_start(&fixture->nginx);
	secure_configure_nginx(fixture);
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "older than tls.min_version");
	secure_nothing_left(fixture, 3);
	test_nginx_stop(&fixture->nginx);
	fixture->nginx.protocols = "TLSv1.2";
	test_nginx_start(&fixture->nginx);
	secure_await_delivery(fixture, 3);
	assert_int_equal(test_nginx_count(&fixture->nginx, "tls=TLSv1.2"), 1);
}

static void the_oldest_version_is_the_configs_to_say(void **state)
{
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_NGINX();
	fixture->nginx.protocols = "TLSv1.2";
	test_nginx_start(&fixture->nginx);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port,
			 "\"tls\":{\"ca_file\":\"FOLDER/ca.pem\",\"min_version\":\"1.3\"}");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "older than tls.min_version");
	secure_nothing_left(fixture, 3);
	secure_configure_nginx(fixture);
	assert_true(agent_says(fixture->agent, "POST", "/reload", 200, "\"reloaded\":true"));
	secure_await_delivery(fixture, 3);
}

/* A plain server that takes the first bytes of a handshake for a bad request. */
static void visit_plainly(struct test_visit *visit)
{
	char hello[4096];

	(void)test_visit_read(visit, hello, sizeof hello);
	(void)test_visit_tell(visit, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
}

static void a_port_that_speaks_no_tls_is_named_as_such(void **state)
{
	struct secure_fixture *fixture = *state;

	test_rogue_start(&fixture->rogue, visit_plainly, NULL);
	secure_configure(fixture, "127.0.0.1", fixture->rogue.port, "");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "is this a port for https?");
	secure_await_status(fixture, "\"kind\":\"tls\"");
	assert_int_equal(secure_pending(fixture), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE_TEST(events_arrive_over_tls_many_batches_on_one_connection),
		SECURE_TEST(with_a_bad_certificate_nothing_is_sent_until_it_is_a_good_one),
		SECURE_TEST(a_server_of_old_protocols_gets_nothing_until_it_learns_a_new_one),
		SECURE_TEST(the_oldest_version_is_the_configs_to_say),
		SECURE_TEST(a_port_that_speaks_no_tls_is_named_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
