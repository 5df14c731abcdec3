/* One process listens and forks for each connection; all of them are one process group, which stop
 * ends as a whole. None of them returns into the test: they end with _exit. */
#include "support/rogue.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEAD_MAX = 64 * 1024, PIECE = 16 * 1024 };

static void give_up(const char *what)
{
	perror(what);
	abort();
}

static int listen_anywhere(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		give_up("test support: a rogue server cannot listen");
	*port = ntohs(address.sin_port);
	return fd;
}

/* Nothing is left behind, however the test ends. */
static void end_with_parent(void)
{
#ifdef __linux__
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

static void handle(int signal_number, void (*how)(int))
{
	const struct sigaction action = {.sa_handler = how};

	(void)sigaction(signal_number, &action, NULL);
}

static _Noreturn void visit_receive(struct test_visit *visit, test_manner *manner)
{
	end_with_parent();
	manner(visit);
	atomic_fetch_add(&visit->tally->done, 1);
	if (visit->tls != NULL)
		(void)SSL_shutdown(visit->tls);
	(void)close(visit->fd);
	_exit(EXIT_SUCCESS);
}

static _Noreturn void rogue_serve(struct test_rogue *rogue, int listener, test_manner *manner,
				  const void *context)
{
	end_with_parent();
	handle(SIGCHLD, SIG_IGN); /* no zombies */
	handle(SIGPIPE, SIG_IGN);
	for (;;) {
		struct test_visit visit = {.tally = rogue->tally, .context = context};

		visit.fd = accept(listener, NULL, NULL);
		if (visit.fd < 0)
			continue;
		visit.number = atomic_fetch_add(&rogue->tally->connections, 1) + 1;
		if (fork() == 0) {
			(void)close(listener);
			visit_receive(&visit, manner);
		}
		(void)close(visit.fd);
	}
}

void test_rogue_start(struct test_rogue *rogue, test_manner *manner, const void *context)
{
	int listener = listen_anywhere(&rogue->port);
	void *shared = mmap(NULL, sizeof *rogue->tally, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		give_up("test support: no shared memory");
	rogue->tally = shared;
	(void)fflush(NULL);
	rogue->process = fork();
	if (rogue->process < 0)
		give_up("test support: no rogue server");
	if (rogue->process == 0) {
		(void)setpgid(0, 0);
		rogue_serve(rogue, listener, manner, context);
	}
	(void)setpgid(rogue->process, rogue->process);
	(void)close(listener);
}

void test_rogue_stop(struct test_rogue *rogue)
{
	if (rogue->process == 0)
		return;
	(void)kill(-rogue->process, SIGKILL);
	(void)waitpid(rogue->process, NULL, 0);
	(void)munmap(rogue->tally, sizeof *rogue->tally);
	*rogue = (struct test_rogue){0};
}

/* ---- what manners do ---- */

size_t test_visit_read(struct test_visit *visit, void *out, size_t size)
{
	ssize_t got;

	if (visit->tls != NULL)
		got = SSL_read(visit->tls, out, (int)size);
	else
		got = recv(visit->fd, out, size, 0);
	return got > 0 ? (size_t)got : 0;
}

bool test_visit_say(struct test_visit *visit, const void *data, size_t length)
{
	const char *at = data;

	while (length > 0) {
		size_t piece = length < PIECE ? length : PIECE;
		ssize_t sent = visit->tls != NULL ? SSL_write(visit->tls, at, (int)piece)
						  : send(visit->fd, at, piece, 0);

		if (sent <= 0)
			return false;
		at += sent;
		length -= (size_t)sent;
	}
	return true;
}

bool test_visit_tell(struct test_visit *visit, const char *text)
{
	return test_visit_say(visit, text, strlen(text));
}

void test_visit_stall(struct test_visit *visit)
{
	char nothing[PIECE];

	while (test_visit_read(visit, nothing, sizeof nothing) > 0)
		;
}

static size_t length_of(const char *head)
{
	static const char name[] = "\r\nContent-Length:";

	for (; *head != '\0'; head++)
		if (strncasecmp(head, name, sizeof name - 1) == 0)
			return strtoul(head + sizeof name - 1, NULL, 10);
	return 0;
}

bool test_visit_take(struct test_visit *visit)
{
	static char head[HEAD_MAX + 1];
	const char *end = NULL;
	char rest[PIECE];
	size_t filled = 0, have, body;

	while (end == NULL) {
		size_t got = test_visit_read(visit, head + filled, HEAD_MAX - filled);

		if (got == 0)
			return false;
		filled += got;
		head[filled] = '\0';
		end = strstr(head, "\r\n\r\n");
	}
	body = length_of(head);
	have = filled - (size_t)(end + 4 - head);
	while (have < body) {
		size_t got = test_visit_read(visit, rest, sizeof rest);

		if (got == 0)
			return false;
		have += got;
	}
	atomic_fetch_add(&visit->tally->requests, 1);
	return true;
}
