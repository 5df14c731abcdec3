#include "crash/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/process.h"
#include "support/test.h"

static void give_up(const char *what)
{
	fprintf(stderr, "crew: %s: %s\n", what, strerror(errno));
	abort();
}

void crew_init(struct crew *crew, const struct test_folder *folder)
{
	size_t size = CREW_MOST * sizeof *crew->slots;
	int file;

	memset(crew, 0, sizeof *crew);
	(void)test_folder_path(folder, "slots", crew->slots_path);
	file = open(crew->slots_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 || ftruncate(file, (off_t)size) != 0)
		give_up("slots");
	crew->slots = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (crew->slots == MAP_FAILED)
		give_up("mmap");
	(void)close(file);
}

void crew_fini(struct crew *crew)
{
	for (int i = 0; i < CREW_MOST; i++)
		if (crew->writers[i].pid != 0)
			crew_kill(crew, i);
	(void)munmap(crew->slots, CREW_MOST * sizeof *crew->slots);
}

/* In the child. */
static void become_writer(const struct crew *crew, int index, int out, const char *const words[3])
{
	char slot[16], pause[16];
	const char *const variables[] = {"HOME=/nonexistent", NULL};
	const char *const arguments[] = {CRASH_WRITER,     words[0], words[1], words[2],
					 crew->slots_path, slot,     pause,    NULL};

	(void)snprintf(slot, sizeof slot, "%d", index);
	(void)snprintf(pause, sizeof pause, "%u", crew->pause_us);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	(void)execve(CRASH_WRITER, (char *const *)(uintptr_t)arguments,
		     (char *const *)(uintptr_t)variables);
	_exit(127);
}

int crew_start(struct crew *crew, const char *home, const char *config, const char *durability)
{
	const char *const words[3] = {home, config, durability};
	struct crew_writer *writer;
	int index = 0, ends[2];

	while (index < CREW_MOST && crew->writers[index].pid != 0)
		index++;
	assert_true(index < CREW_MOST);
	writer = &crew->writers[index];
	atomic_store(&crew->slots[index].place, WRITER_STARTS);
	atomic_store(&crew->slots[index].calls, 0);
	if (pipe(ends) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		give_up("pipe");
	writer->pid = fork();
	if (writer->pid < 0)
		give_up("fork");
	if (writer->pid == 0)
		become_writer(crew, index, ends[1], words);
	(void)close(ends[1]);
	writer->pipe = ends[0];
	writer->partial_length = 0;
	return index;
}

/* Everything that lies in the pipe; false at its end. */
static bool listen_to(struct crew *crew, struct crew_writer *writer)
{
	ssize_t got;

	for (;;) {
		struct acknowledgement message;

		got = read(writer->pipe, writer->partial + writer->partial_length,
			   sizeof writer->partial - writer->partial_length);
		if (got <= 0)
			break;
		writer->partial_length += (size_t)got;
		if (writer->partial_length < sizeof message)
			continue;
		memcpy(&message, writer->partial, sizeof message);
		writer->partial_length = 0;
		witness_note(crew->witness, message.session, message.seq, WITNESS_ACKNOWLEDGED);
	}
	return got != 0;
}

void crew_listen(struct crew *crew, int ms)
{
	long long deadline = test_now_ms() + ms;
	long long left;

	while ((left = deadline - test_now_ms()) > 0) {
		struct pollfd polls[CREW_MOST];
		nfds_t count = 0;

		for (int i = 0; i < CREW_MOST; i++)
			if (crew->writers[i].pid != 0)
				polls[count++] = (struct pollfd){crew->writers[i].pipe, POLLIN, 0};
		if (poll(polls, count, (int)left) < 0 && errno != EINTR)
			give_up("poll");
		for (int i = 0; i < CREW_MOST; i++)
			if (crew->writers[i].pid != 0 && !listen_to(crew, &crew->writers[i]))
				fail_msg("a writer ended by itself");
	}
}

void crew_await_first_call(struct crew *crew, int writer)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (atomic_load(&crew->slots[writer].place) == WRITER_STARTS && test_now_ms() < deadline)
		crew_listen(crew, 1);
}

void crew_kill(struct crew *crew, int index)
{
	struct crew_writer *writer = &crew->writers[index];
	int status = 0;

	(void)kill(writer->pid, SIGKILL);
	while (waitpid(writer->pid, &status, 0) < 0)
		if (errno != EINTR)
			give_up("waitpid");
	while (listen_to(crew, writer)) /* a killed writer's pipe has an end */
		(void)poll(&(struct pollfd){writer->pipe, POLLIN, 0}, 1, TEST_PATIENCE_MS);
	(void)close(writer->pipe);
	writer->pid = 0;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("a writer ended by itself, with status %d", status);
	crew->kills++;
	crew->kills_in_call += atomic_load(&crew->slots[index].place) == WRITER_IN_CALL;
}
