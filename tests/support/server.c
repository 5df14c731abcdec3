#include "support/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/http.h"

enum { TRIES = 8, STOP_MS = 5000 };

static void give_up(const char *what, const char *detail)
{
	fprintf(stderr, "test support: a server %s: %s\n", what, detail);
	abort();
}

bool test_server_find(const char *name, char out[TEST_PATH_MAX])
{
	static const char elsewhere[] = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin:/sbin";
	const char *path = getenv("PATH");
	char folders[4096];

	(void)snprintf(folders, sizeof folders, "%s:%s", path != NULL ? path : "/usr/bin",
		       elsewhere);
	for (char *rest = folders, *folder; (folder = strsep(&rest, ":")) != NULL;) {
		(void)snprintf(out, TEST_PATH_MAX, "%s/%s", folder, name);
		if (access(out, X_OK) == 0)
			return true;
	}
	return false;
}

int test_free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		give_up("has no port", "bind");
	(void)close(fd);
	return ntohs(address.sin_port);
}

/* False when it ended: then somebody else has the port. */
static bool await_port(struct test_server *server)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (test_process_wait(server->process, 2) == TEST_STILL_RUNNING) {
		int connection = test_connect_tcp(server->port);

		if (connection >= 0) {
			(void)close(connection);
			return true;
		}
		if (test_now_ms() > deadline)
			give_up("does not listen", test_process_errors(server->process));
	}
	return false;
}

void test_server_start(struct test_server *server, const char *const *argv,
		       void (*configure)(void *context, int port), void *context)
{
	bool is_free = server->port == 0;

	for (int i = 0; i < TRIES; i++) {
		if (is_free)
			server->port = test_free_port();
		configure(context, server->port);
		server->process = test_process_start(&(struct test_program){.argv = argv});
		if (await_port(server))
			return;
		fprintf(stderr, "%s", test_process_errors(server->process));
		test_process_free(server->process);
		server->process = NULL;
		test_sleep_ms(100);
	}
	give_up("does not start", argv[0]);
}

void test_server_stop(struct test_server *server)
{
	if (server->process == NULL)
		return;
	test_process_signal(server->process, SIGTERM);
	if (test_process_wait(server->process, STOP_MS) == TEST_STILL_RUNNING)
		test_process_kill(server->process);
	test_process_free(server->process);
	server->process = NULL;
}
