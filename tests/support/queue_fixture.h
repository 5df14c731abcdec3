/* A real queue in a folder of a test's own, on clocks that the test moves. */
#ifndef FR_TESTS_SUPPORT_QUEUE_FIXTURE_H
#define FR_TESTS_SUPPORT_QUEUE_FIXTURE_H

#include "queue/batch.h"
#include "queue/queue.h"
#include "queue/sinks.h"
#include "support/folder.h"
#include "support/world.h"

struct queue_fixture {
	struct test_folder folder;
	struct test_world world;
	struct fr_queue_options options; /* change, then queue_fixture_reopen */
	struct fr_queue *queue;
	struct fr_session session;
	struct fr_error err;
};

/* cmocka's set-up and tear-down: *state is the fixture. */
int queue_fixture_set_up(void **state);
int queue_fixture_tear_down(void **state);

void queue_fixture_reopen(struct queue_fixture *fixture);

struct queue_event {
	const char *name;          /* NULL: "tool_use_error" */
	enum fr_severity severity; /* 0: FR_INFO */
	bool local;                /* recorded under local */
	bool internal;
	const char *route; /* the catalogue's sinks; NULL: none said */
	size_t bytes;      /* of properties, about; 0: few */
};

/* Records one event; returns what append said; *id its id. */
enum fr_status queue_fixture_record(struct queue_fixture *fixture, const struct queue_event *event,
				    int64_t *id);

/* Records `count` plain events and asserts that each was committed. */
void queue_fixture_record_many(struct queue_fixture *fixture, unsigned count);

/* Makes the live sinks exactly these; returns the id of the last. */
int64_t queue_fixture_sinks(struct queue_fixture *fixture, const char *first, const char *second);

/* Claims and seals at most `most` events; NULL when nothing is wanted. */
struct fr_batch *queue_fixture_claim(struct queue_fixture *fixture, int64_t sink, size_t most);

/* Acknowledges all of it and frees it. */
void queue_fixture_ack(struct queue_fixture *fixture, struct fr_batch *batch);

/* One integer out of the queue, asked through a connection of the test's own. */
int64_t queue_fixture_ask(struct queue_fixture *fixture, const char *sql);

/* Asserts that the file is sound and that all books balance. */
void queue_fixture_verify(struct queue_fixture *fixture);

/* Bytes of queue.db, -wal and -shm together. */
int64_t queue_fixture_bytes(struct queue_fixture *fixture);

#endif
