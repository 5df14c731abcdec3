/* Whom the agent trusts, and how it shows who it is: files of authorities from the config and the
 * environment, client certificates. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secure_fixture.h"

static void reload(const struct secure_fixture *fixture)
{
	assert_true(agent_says(fixture->agent, "POST", "/reload", 200, "\"reloaded\":true"));
}

/* ---- authorities ---- */

static void an_authority_that_the_system_does_not_know_must_be_named(void **state)
{
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_NGINX();
	test_nginx_start(&fixture->nginx);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port, "");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "name its authority in tls.ca_file");
	secure_nothing_left(fixture, 3);
	secure_configure_nginx(fixture);
	reload(fixture);
	secure_await_delivery(fixture, 3);
}

/* Each variable in its turn, to a new agent on the same queue. */
static void the_environments_authorities_count_as_they_do_for_curl(void **state)
{
	struct secure_fixture *fixture = *state;
	static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"};
	char folder[TEST_PATH_MAX], variable[TEST_PATH_MAX + 32];
	long long sent = 0;

	SKIP_WITHOUT_NGINX();
	(void)test_folder_path(&fixture->agent->folder, "authorities", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	test_authority_enter(fixture->authority, folder);
	test_nginx_start(&fixture->nginx);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port, "");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(variable, sizeof variable, "%s=%s%s", names[i],
			       strstr(names[i], "DIR") != NULL ? folder
							       : fixture->agent->folder.path,
			       strstr(names[i], "DIR") != NULL ? "" : "/ca.pem");
		fixture->agent->variable = variable;
		agent_start(fixture->agent);
		agent_record(fixture->agent, "e", 3);
		sent += 3;
		secure_await_delivery(fixture, sent);
		assert_int_equal(agent_stop(fixture->agent), 0);
		agent_forget_recorder(fixture->agent);
	}
}

static void the_configs_authorities_count_over_the_environments(void **state)
{
	struct secure_fixture *fixture = *state;
	struct test_authority *stranger =
		test_authority_new(&fixture->agent->folder, "strange.pem");
	char variable[TEST_PATH_MAX + 32];

	SKIP_WITHOUT_NGINX();
	(void)snprintf(variable, sizeof variable, "CURL_CA_BUNDLE=%s/ca.pem",
		       fixture->agent->folder.path);
	fixture->agent->variable = variable;
	test_nginx_start(&fixture->nginx);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port,
			 "\"tls\":{\"ca_file\":\"FOLDER/strange.pem\"}");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "trusted is only what tls.ca_file names");
	secure_nothing_left(fixture, 3);
	test_authority_free(stranger);
}

/* The file is mended in place; nobody tells the agent. */
static void a_file_of_authorities_that_is_mended_counts_without_a_restart(void **state)
{
	struct secure_fixture *fixture = *state;
	const struct test_folder *folder = &fixture->agent->folder;
	struct test_authority *stranger = test_authority_new(folder, "named.pem");
	char from[TEST_PATH_MAX], to[TEST_PATH_MAX];

	SKIP_WITHOUT_NGINX();
	test_nginx_start(&fixture->nginx);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port,
			 "\"tls\":{\"ca_file\":\"FOLDER/named.pem\"}");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "\"kind\":\"tls\"");
	assert_int_equal(rename(test_folder_path(folder, "ca.pem", from),
				test_folder_path(folder, "named.pem", to)),
			 0);
	secure_await_delivery(fixture, 3);
	test_authority_free(stranger);
}

static void a_file_of_authorities_that_does_not_serve_is_named(void **state)
{
	struct secure_fixture *fixture = *state;
	long long sent = 0;
	static const struct {
		const char *file;
		const char *words;
	} rows[] = {
		{"missing.pem", "missing.pem: No such file"},
		{"garbage.pem", "there is no certificate in"},
		{"empty.pem", "there is no certificate in"},
	};

	SKIP_WITHOUT_NGINX();
	test_folder_write(&fixture->agent->folder, "garbage.pem", "this is no certificate\n");
	test_folder_write(&fixture->agent->folder, "empty.pem", "");
	test_nginx_start(&fixture->nginx);
	secure_configure_nginx(fixture);
	agent_start(fixture->agent);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char tls[128];
		int answered = test_nginx_count(&fixture->nginx, "");

		(void)snprintf(tls, sizeof tls, "\"tls\":{\"ca_file\":\"FOLDER/%s\"}",
			       rows[i].file);
		secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port, tls);
		reload(fixture);
		agent_record(fixture->agent, "e", 3);
		secure_await_status(fixture, rows[i].words);
		secure_await_status(fixture, rows[i].file);
		secure_await_status(fixture, "\"state\":\"paused\"");
		assert_int_equal(secure_pending(fixture), 3);
		assert_int_equal(test_nginx_count(&fixture->nginx, ""), answered);
		secure_configure_nginx(fixture);
		reload(fixture);
		sent += 3;
		secure_await_delivery(fixture, sent);
	}
}

/* ---- client certificates ---- */

static void configure_client(struct secure_fixture *fixture, const char *files)
{
	char tls[512];

	(void)snprintf(tls, sizeof tls, "\"tls\":{\"ca_file\":\"FOLDER/ca.pem\"%s%s}",
		       files[0] != '\0' ? "," : "", files);
	secure_configure(fixture, "127.0.0.1", fixture->nginx.server.port, tls);
}

static void clients_write(const struct secure_fixture *fixture)
{
	const struct test_folder *folder = &fixture->agent->folder;
	struct test_authority *stranger = test_authority_new(folder, "strange.pem");

	test_certificate_write(folder, "client.pem", fixture->authority,
			       &(struct test_certificate){.names = "DNS:client"});
	test_certificate_write(
		folder, "apart.pem", fixture->authority,
		&(struct test_certificate){.names = "DNS:client", .key_elsewhere = true});
	test_certificate_write(folder, "expired.pem", fixture->authority,
			       &(struct test_certificate){.names = "DNS:client", .ends_h = -1});
	test_certificate_write(folder, "stranger.pem", stranger,
			       &(struct test_certificate){.names = "DNS:client"});
	test_certificate_write(
		folder, "locked.pem", fixture->authority,
		&(struct test_certificate){.names = "DNS:client", .password = "hunter2"});
	test_authority_free(stranger);
}

/* nginx says so with a 400, which must not be taken for a refusal of the events. */
static void a_server_that_wants_a_certificate_gets_the_right_one(void **state)
{
	static const struct {
		const char *files;
		const char *words;
	} rows[] = {
		{"", "set tls.cert_file"},
		{"\"cert_file\":\"FOLDER/stranger.pem\"", "it refuses the one in tls.cert_file"},
		{"\"cert_file\":\"FOLDER/expired.pem\"", "it refuses the one in tls.cert_file"},
		{"\"cert_file\":\"FOLDER/missing.pem\"", "missing.pem: No such file"},
		{"\"cert_file\":\"FOLDER/client.pem\",\"key_file\":\"FOLDER/apart.pem.key\"",
		 "not its key"},
		{"\"cert_file\":\"FOLDER/locked.pem\"", "is encrypted"},
	};
	struct secure_fixture *fixture = *state;
	long long sent = 3;

	SKIP_WITHOUT_NGINX();
	clients_write(fixture);
	fixture->nginx.client_authority = "ca.pem";
	test_nginx_start(&fixture->nginx);
	configure_client(fixture, "\"cert_file\":\"FOLDER/client.pem\"");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_delivery(fixture, sent);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		configure_client(fixture, rows[i].files);
		reload(fixture);
		agent_record(fixture->agent, "e", 3);
		secure_await_status(fixture, rows[i].words);
		assert_int_equal(secure_pending(fixture), 3);
		assert_int_equal(test_intake_stat(&fixture->agent->intake, "events_received"),
				 sent);
		configure_client(fixture, "\"cert_file\":\"FOLDER/apart.pem\","
					  "\"key_file\":\"FOLDER/apart.pem.key\"");
		reload(fixture);
		sent += 3;
		secure_await_delivery(fixture, sent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE_TEST(an_authority_that_the_system_does_not_know_must_be_named),
		SECURE_TEST(the_environments_authorities_count_as_they_do_for_curl),
		SECURE_TEST(the_configs_authorities_count_over_the_environments),
		SECURE_TEST(a_file_of_authorities_that_is_mended_counts_without_a_restart),
		SECURE_TEST(a_file_of_authorities_that_does_not_serve_is_named),
		SECURE_TEST(a_server_that_wants_a_certificate_gets_the_right_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
