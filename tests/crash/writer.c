/* A host program that does nothing but record, until somebody kills it.
 *
 *   crash_writer HOME CONFIG power|process SLOTS SLOT PAUSE_US > acknowledgements
 *
 * SLOTS is a file of struct writer_slot, of which SLOT is its own. The n of an event is its seq: it
 * is the count of what this session committed before. Now and then it closes the recorder and goes
 * on with another; between calls it pauses. Ends with 3 and a sentence when a call does not answer
 * OK.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "crash/acknowledgement.h"
#include "flightrec.h"

enum { SESSION_EVENTS = 400, TEXT_MOST = 900 };

struct writer {
	char **arguments;
	struct writer_slot *slot;
	flightrec *recorder;
	uint32_t seq;
	uint32_t random;
};

static void give_up(const char *what, enum flightrec_status status)
{
	fprintf(stderr, "crash_writer: %s: %s\n", what, flightrec_strerror(status));
	exit(3);
}

static void on_log(void *context, int level, const char *text)
{
	(void)context;
	if (level <= 2)
		fprintf(stderr, "crash_writer: %s\n", text);
}

static uint32_t below(struct writer *writer, uint32_t limit)
{
	writer->random = writer->random * 1664525u + 1013904223u;
	return (writer->random >> 8) % limit;
}

static struct writer_slot *map_slot(const char *path, const char *index)
{
	size_t number = (size_t)strtoul(index, NULL, 10);
	int file = open(path, O_RDWR | O_CLOEXEC);
	struct writer_slot *slots = mmap(NULL, (number + 1) * sizeof *slots, PROT_READ | PROT_WRITE,
					 MAP_SHARED, file, 0);

	if (file < 0 || slots == MAP_FAILED)
		give_up("the slots cannot be mapped", FLIGHTREC_IO);
	return &slots[number];
}

static void open_recorder(struct writer *writer)
{
	flightrec_options *options = flightrec_options_new();
	enum flightrec_status status;

	flightrec_options_set_home(options, writer->arguments[1]);
	flightrec_options_set_config(options, writer->arguments[2]);
	flightrec_options_set_durability(options, strcmp(writer->arguments[3], "power") == 0
							  ? FLIGHTREC_POWER
							  : FLIGHTREC_PROCESS);
	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	flightrec_options_set_busy_timeout(options, 30000);
	flightrec_options_set_logger(options, on_log, NULL);
	status = flightrec_open(&writer->recorder, options);
	if (status != FLIGHTREC_OK)
		give_up("open", status);
	writer->seq = 0;
}

static enum flightrec_status record(struct writer *writer, const char *text)
{
	char json[TEXT_MOST + 64];
	flightrec_event *event;

	if (below(writer, 4) > 0) {
		(void)snprintf(json, sizeof json, "{\"n\":%u,\"text\":\"%s\"}", writer->seq, text);
		return flightrec_record(writer->recorder, "tool_use_error", json);
	}
	event = flightrec_event_new("api_error");
	flightrec_event_set_uint64(event, "n", writer->seq);
	flightrec_event_set_string(event, "text", text);
	flightrec_event_set_severity(event, FLIGHTREC_ERROR);
	return flightrec_commit(writer->recorder, event);
}

static void acknowledge(struct writer *writer, enum flightrec_status status)
{
	struct acknowledgement message = {.seq = writer->seq, .flushed = status == FLIGHTREC_OK};

	(void)snprintf(message.session, sizeof message.session, "%s",
		       flightrec_session_id(writer->recorder));
	if (write(STDOUT_FILENO, &message, sizeof message) != (ssize_t)sizeof message)
		give_up("the test does not listen", FLIGHTREC_IO);
}

static void record_one(struct writer *writer)
{
	char text[TEXT_MOST + 1];
	size_t length = below(writer, below(writer, 8) == 0 ? TEXT_MOST : 100);
	enum flightrec_status status;

	memset(text, 'x', length);
	text[length] = '\0';
	atomic_store(&writer->slot->place, WRITER_IN_CALL);
	status = record(writer, text);
	atomic_store(&writer->slot->place, WRITER_BETWEEN);
	atomic_fetch_add(&writer->slot->calls, 1);
	if (status != FLIGHTREC_OK && status != FLIGHTREC_UNCERTAIN)
		give_up("record", status);
	acknowledge(writer, status);
	writer->seq++;
}

int main(int count, char **arguments)
{
	struct writer writer = {.arguments = arguments, .random = (uint32_t)getpid()};

	struct timespec pause = {0, 0};

	if (count != 7)
		give_up("HOME CONFIG DURABILITY SLOTS SLOT PAUSE_US", FLIGHTREC_INVALID);
	pause.tv_nsec = strtol(arguments[6], NULL, 10) * 1000;
	writer.slot = map_slot(arguments[4], arguments[5]);
	open_recorder(&writer);
	for (;;) {
		record_one(&writer);
		if (below(&writer, SESSION_EVENTS) == 0) {
			flightrec_close(writer.recorder);
			open_recorder(&writer);
		}
		if (pause.tv_nsec > 0)
			(void)nanosleep(&pause, NULL);
	}
}
