/* A name server that never answers: it delays nobody but its own sink, and not the end.
 *
 * The resolver is libc's own, in a network and with a resolv.conf that the test makes for itself;
 * skipped where that is not allowed.
 */
#define _GNU_SOURCE /* unshare; this test is for Linux */
#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent_fixture.h"
#include "support/network.h"

enum { DNS_PORT = 53, ENDS_WITHIN_MS = 15000 };

static int name_server = -1;
static struct test_folder files;
static bool is_allowed;

/* Whoever asks waits for minutes. */
static bool resolver_replace(void)
{
	char ours[TEST_PATH_MAX];

	test_folder_make(&files);
	test_folder_write(&files, "resolv.conf",
			  "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(test_folder_path(&files, "resolv.conf", ours), "/etc/resolv.conf", NULL,
		     MS_BIND, NULL) == 0;
}

static bool name_server_open(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(DNS_PORT)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	name_server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return name_server >= 0 &&
	       bind(name_server, (struct sockaddr *)&address, sizeof address) == 0;
}

/* Somebody asked: the resolver hangs from now on. */
static void question_await(void)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;
	char question[512];

	while (recv(name_server, question, sizeof question, MSG_DONTWAIT) <= 0) {
		assert_true(test_now_ms() < deadline);
		test_sleep_ms(10);
	}
}

static void a_resolver_that_hangs_delays_neither_another_sink_nor_the_end(void **state)
{
	struct agent_fixture *fixture = *state;
	long long begin;

	if (!is_allowed) {
		print_message("no network of its own is allowed here\n");
		skip();
	}
	agent_configure(fixture, "{\"sinks\":[{\"name\":\"lost\",\"type\":\"first_party\",\"url\":"
				 "\"https://telemetry.example.com/\",\"events\":[\"*\"],\"batch\":"
				 "{\"max_wait\":\"0s\"},\"timeout\":\"60s\"},"
				 "{\"name\":\"healthy\",\"type\":\"first_party\",\"url\":"
				 "\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"*\"],\"batch\":"
				 "{\"max_wait\":\"0s\"}}]}");
	agent_start(fixture);
	agent_record(fixture, "e", 3);
	question_await();
	agent_await_intake(fixture, "events_received", 3);
	agent_record(fixture, "e", 3);
	agent_await_intake(fixture, "events_received", 6);
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "\"ok\":true"));
	begin = test_now_ms();
	assert_int_equal(agent_stop(fixture), 0);
	assert_in_range(test_now_ms() - begin, 0, ENDS_WITHIN_MS);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM pending"), 6);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letters"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(a_resolver_that_hangs_delays_neither_another_sink_nor_the_end),
	};
	int code;

	is_allowed = test_network_make() && resolver_replace() && name_server_open();
	code = cmocka_run_group_tests(tests, NULL, NULL);
	if (is_allowed)
		(void)umount2("/etc/resolv.conf", MNT_DETACH);
	(void)close(name_server);
	if (files.path[0] != '\0')
		test_folder_remove(&files);
	return code;
}
