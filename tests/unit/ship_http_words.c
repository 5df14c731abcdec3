/* Whom a sink trusts, and what people are told when it does not work. */
#include "support/test.h"

#include <string.h>

#include "ship/http_outcome.h"
#include "ship/http_words.h"
#include "support/folder.h"
#include "support/world.h"
#include "unit/sink_fixture.h"

/* ---- trust ---- */

static void the_systems_own_authorities_count_when_nobody_names_any(void **state)
{
	struct fr_sink_settings settings = sink_settings("first_party");
	struct test_world world;
	struct fr_http_trust trust;

	(void)state;
	test_world_init(&world);
	test_world_set(&world, "CURL_CA_BUNDLE", ""); /* names nothing */
	trust = fr_http_trust_of(&settings, &world.env);
	assert_null(trust.file);
	assert_null(trust.folder);
	assert_null(trust.origin);
}

static void each_who_names_authorities_is_asked_in_turn(void **state)
{
	struct fr_sink_settings settings = sink_settings("first_party");
	struct test_world world;
	struct fr_http_trust trust;

	(void)state;
	test_world_init(&world);
	test_world_set(&world, "SSL_CERT_DIR", "/folder");
	trust = fr_http_trust_of(&settings, &world.env);
	assert_null(trust.file);
	assert_string_equal(trust.folder, "/folder");
	assert_string_equal(trust.origin, "SSL_CERT_DIR");
	test_world_set(&world, "SSL_CERT_FILE", "/file");
	trust = fr_http_trust_of(&settings, &world.env);
	assert_string_equal(trust.file, "/file");
	assert_string_equal(trust.folder, "/folder");
	assert_string_equal(trust.origin, "SSL_CERT_FILE");
	test_world_set(&world, "CURL_CA_BUNDLE", "/bundle");
	trust = fr_http_trust_of(&settings, &world.env);
	assert_string_equal(trust.file, "/bundle");
	assert_null(trust.folder);
	settings.ca_file = "/config";
	trust = fr_http_trust_of(&settings, &world.env);
	assert_string_equal(trust.file, "/config");
	assert_null(trust.folder);
	assert_string_equal(trust.origin, "tls.ca_file");
}

/* ---- words ---- */

static const char *words_of(struct fr_http_trouble trouble)
{
	static struct fr_sink_settings settings;
	static char words[FR_OUTCOME_TEXT];

	if (trouble.settings == NULL) {
		settings = sink_settings("first_party");
		trouble.settings = &settings;
	}
	if (trouble.text == NULL)
		trouble.text = "";
	fr_http_words(&trouble, words);
	assert_true(strlen(words) < FR_OUTCOME_TEXT);
	return words;
}

static void every_tls_failure_says_what_to_do(void **state)
{
	static const struct {
		const char *text;
		const char *words;
	} rows[] = {
		{"SSL certificate problem: certificate has expired", "must be renewed"},
		{"SSL certificate problem: certificate is not yet valid", "clock right?"},
		{"SSL: no alternative certificate subject name matches target host name 'a'",
		 "for another host"},
		{"SSL: certificate subject name 'b' does not match target host name 'a'",
		 "for another host"},
		{"error:0A000102:SSL routines::unsupported protocol", "tls.min_version"},
		{"error:0A00042E:SSL routines::tlsv1 alert protocol version", "tls.min_version"},
		{"error:0A00010B:SSL routines::wrong version number", "a port for https?"},
		{"error:0A00045C:SSL routines::tlsv13 alert certificate required",
		 "set tls.cert_file"},
		{"error:0A000418:SSL routines::tlsv1 alert unknown ca", "refuses the client"},
		{"error:0A000415:SSL routines::sslv3 alert certificate expired",
		 "client certificate in tls.cert_file must be renewed"},
		{"SSL certificate problem: EE certificate key too weak", "stronger key"},
		{"SSL certificate problem: self-signed certificate", "tls.ca_file"},
		{"SSL certificate problem: unable to get local issuer certificate",
		 "name its authority in tls.ca_file"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *words = words_of((struct fr_http_trouble){
			.code = CURLE_SSL_CONNECT_ERROR, .text = rows[i].text});

		if (strstr(words, rows[i].words) == NULL || strstr(words, rows[i].text) != words)
			fail_msg("%s", words);
	}
}

static void what_was_trusted_is_said_when_somebody_named_it(void **state)
{
	const char *words = words_of((struct fr_http_trouble){
		.code = CURLE_PEER_FAILED_VERIFICATION,
		.text = "SSL certificate problem: unable to get local issuer certificate",
		.trust = {"/etc/corp.pem", NULL, "SSL_CERT_FILE"}});

	(void)state;
	assert_non_null(strstr(words, "only what SSL_CERT_FILE names: /etc/corp.pem"));
}

static void libcurls_own_words_stand_where_ours_say_no_more(void **state)
{
	(void)state;
	assert_string_equal(words_of((struct fr_http_trouble){.code = CURLE_COULDNT_CONNECT,
							      .text = "Failed to connect"}),
			    "Failed to connect");
	assert_string_equal(words_of((struct fr_http_trouble){.code = CURLE_COULDNT_CONNECT}),
			    curl_easy_strerror(CURLE_COULDNT_CONNECT));
}

static void a_long_text_never_pushes_out_what_to_do(void **state)
{
	char text[CURL_ERROR_SIZE];
	const char *words;

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "certificate has expired ", 24);
	text[sizeof text - 1] = '\0';
	words = words_of(
		(struct fr_http_trouble){.code = CURLE_PEER_FAILED_VERIFICATION, .text = text});
	assert_non_null(strstr(words, "is this machine's clock wrong?"));
}

static void a_password_in_a_url_is_never_repeated(void **state)
{
	static const char *const texts[] = {
		"Unsupported proxy syntax in 'http://mole:hunter2@:x'",
		"Unsupported proxy scheme for 'gopher://mole:hunter2@host'",
		"Could not resolve proxy: http://mole:hunter2@host",
		"odd: http://mole:hun@ter2@host and more",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *words = words_of((struct fr_http_trouble){
			.code = CURLE_COULDNT_RESOLVE_PROXY, .text = texts[i]});

		assert_null(strstr(words, "hunter2"));
		assert_null(strstr(words, "ter2"));
		assert_null(strstr(words, "mole"));
	}
}

static void a_proxys_refusal_is_told_with_its_status(void **state)
{
	(void)state;
	assert_string_equal(
		words_of((struct fr_http_trouble){.code = CURLE_RECV_ERROR, .connect_status = 503}),
		"the proxy answers HTTP 503 and opens no tunnel");
	assert_non_null(strstr(
		words_of((struct fr_http_trouble){.code = CURLE_RECV_ERROR, .connect_status = 403}),
		"its rules forbid"));
}

static void files_that_do_not_serve_are_named_with_their_key(void **state)
{
	struct fr_sink_settings settings = sink_settings("first_party");
	struct test_folder folder;
	char missing[TEST_PATH_MAX], locked[TEST_PATH_MAX], old[TEST_PATH_MAX], good[TEST_PATH_MAX];
	struct fr_http_trouble trouble = {.code = CURLE_SSL_CERTPROBLEM, .settings = &settings};

	(void)state;
	test_folder_make(&folder);
	(void)test_folder_path(&folder, "missing", missing);
	(void)test_folder_path(&folder, "locked", locked);
	(void)test_folder_path(&folder, "old", old);
	(void)test_folder_path(&folder, "good", good);
	test_folder_write(&folder, "locked", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
	test_folder_write(&folder, "old", "x\nProc-Type: 4,ENCRYPTED\n");
	test_folder_write(&folder, "good", "anything\n");
	settings.cert_file = missing;
	assert_non_null(strstr(words_of(trouble), "tls.cert_file: cannot read"));
	settings.cert_file = good;
	assert_non_null(strstr(words_of(trouble), "no certificate in PEM form"));
	settings.key_file = locked;
	assert_non_null(strstr(words_of(trouble), "tls.key_file: the key in"));
	assert_non_null(strstr(words_of(trouble), "is encrypted"));
	settings.key_file = old;
	assert_non_null(strstr(words_of(trouble), "is encrypted"));
	trouble.code = CURLE_SSL_CACERT_BADFILE;
	trouble.trust = (struct fr_http_trust){missing, NULL, "SSL_CERT_FILE"};
	assert_non_null(strstr(words_of(trouble), "SSL_CERT_FILE: cannot read"));
	trouble.trust.file = good;
	assert_non_null(strstr(words_of(trouble), "there is no certificate in"));
	trouble.trust = (struct fr_http_trust){NULL, NULL, NULL};
	assert_non_null(strstr(words_of(trouble), "this system's own"));
	test_folder_remove(&folder);
}

/* ---- a server that wants our certificate ---- */

static bool wants_certificate(int status, const char *content_type, const char *body)
{
	return fr_http_wants_certificate(CURLE_OK, "", status, content_type, body);
}

static bool alerts_to_certificate(CURLcode code, const char *words)
{
	return fr_http_wants_certificate(code, words, 0, "", "");
}

static void a_server_says_in_many_ways_that_it_wants_a_certificate(void **state)
{
	static const char page[] = "<title>400 No required SSL certificate was sent</title>";
	static const char other[] = "<center>The SSL certificate error</center>\r\n<hr>";
	static const char alert[] = "SSL_read: tlsv13 alert certificate required, errno 0";

	(void)state;
	assert_true(wants_certificate(400, "text/html", page));
	assert_true(wants_certificate(400, "Text/HTML; charset=utf-8", other));
	assert_true(wants_certificate(495, "", ""));
	assert_true(wants_certificate(496, "", ""));
	assert_true(alerts_to_certificate(CURLE_RECV_ERROR, alert));
	assert_true(alerts_to_certificate(CURLE_RECV_ERROR, "tlsv1 alert unknown ca"));
	assert_false(wants_certificate(200, "text/html", page));
	assert_false(wants_certificate(422, "text/html", page));
	assert_false(alerts_to_certificate(CURLE_RECV_ERROR, "Connection reset"));
	assert_false(alerts_to_certificate(CURLE_OPERATION_TIMEDOUT, alert));
	/* An alert that may come after the batch was taken. */
	assert_false(alerts_to_certificate(CURLE_RECV_ERROR, "alert internal error"));
}

/* It would never be found and buried, and hold up all the others. */
static void an_event_that_is_quoted_speaks_for_nobody(void **state)
{
	static const char quoted[] =
		"{\"error\":\"bad event: No required SSL certificate was sent\"}";
	static const char page[] = "<p>bad event: The SSL certificate error</p>";

	(void)state;
	assert_false(wants_certificate(400, "application/json", quoted));
	assert_false(wants_certificate(400, "", "<center>The SSL certificate error</center>"));
	assert_false(wants_certificate(400, "text/html", page));
}

static void such_a_request_was_taken_by_nobody(void **state)
{
	const struct fr_http_facts facts = {.code = CURLE_OK,
					    .status = 400,
					    .head_complete = true,
					    .was_sent = true,
					    .wants_certificate = true};

	(void)state;
	assert_int_equal(fr_http_outcome_of(&facts).outcome, FR_OUTCOME_TLS);
	assert_non_null(strstr(
		words_of((struct fr_http_trouble){.code = CURLE_OK, .wants_certificate = true}),
		"set tls.cert_file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_systems_own_authorities_count_when_nobody_names_any),
		cmocka_unit_test(each_who_names_authorities_is_asked_in_turn),
		cmocka_unit_test(every_tls_failure_says_what_to_do),
		cmocka_unit_test(what_was_trusted_is_said_when_somebody_named_it),
		cmocka_unit_test(libcurls_own_words_stand_where_ours_say_no_more),
		cmocka_unit_test(a_long_text_never_pushes_out_what_to_do),
		cmocka_unit_test(a_password_in_a_url_is_never_repeated),
		cmocka_unit_test(a_proxys_refusal_is_told_with_its_status),
		cmocka_unit_test(files_that_do_not_serve_are_named_with_their_key),
		cmocka_unit_test(a_server_says_in_many_ways_that_it_wants_a_certificate),
		cmocka_unit_test(an_event_that_is_quoted_speaks_for_nobody),
		cmocka_unit_test(such_a_request_was_taken_by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
