/* A courier between a real queue and a sink that the test plays, on clocks that stand still.
 *
 * The transport is a fake: it keeps what was sent, and answers when the test says so, or at once as
 * `serve` says. Time passes only in courier_pass.
 */
#ifndef FR_TEST_COURIER_FIXTURE_H
#define FR_TEST_COURIER_FIXTURE_H

#include <stdbool.h>

#include "ship/courier.h"
#include "ship/transport.h"
#include "support/queue_fixture.h"
#include "unit/sink_fixture.h"

enum { COURIER_SENT_MAX = 4096, COURIER_UNDER_WAY_MAX = 16 };

struct courier_sent {
	char *body;
	size_t length;
	char batch[64]; /* the Idempotency-Key, without its quotes */
	size_t events;
	int64_t boot_us; /* when */
};

/* A request that has no answer yet. */
struct courier_request {
	struct fr_exchange exchange;
	fr_on_result *on_result;
	void *context;
	size_t sent; /* which of those sent it is */
};

struct courier_world {
	struct queue_fixture *queue;
	struct event_base *loop;
	struct fr_sink_settings settings; /* first_party, 100 events, 15 s; change before open */
	int64_t sink;
	struct fr_courier *courier;
	unsigned progress;

	struct courier_sent sent[COURIER_SENT_MAX];
	size_t sent_count;
	/* The status to answer a request with, 0: not yet. NULL: the test answers. */
	int (*serve)(struct courier_world *world, const struct courier_sent *request);
	const char *answer_body;  /* "" unless set */
	const char *retry_after;  /* likewise */
	const char *content_type; /* likewise */
	bool body_is_cut;
	enum fr_status send_status; /* what send is to return; FR_OK usually */
	unsigned http1;

	struct courier_request requests[COURIER_UNDER_WAY_MAX];   /* no heap: it may be failing */
	struct courier_request *under_way[COURIER_UNDER_WAY_MAX]; /* oldest first */
	size_t under_way_count;
	size_t under_way_most; /* at once, so far */
};

/* cmocka's set-up and tear-down: *state is the world, with no courier yet. */
int courier_set_up(void **state);
int courier_tear_down(void **state);

/* A courier as the agent makes it at start, and runs it until nothing moves. */
void courier_open(struct courier_world *world);

/* As a SIGKILL would end it: what was under way never gets an answer. */
void courier_close(struct courier_world *world);

/* Lets the loop run until nothing moves without time or an answer. */
void courier_run(struct courier_world *world);

/* Both clocks go on, the courier is looked after as the timer would. */
void courier_pass(struct courier_world *world, int64_t ms);

void courier_wake(struct courier_world *world);
void courier_flush(struct courier_world *world);

/* The oldest request under way is answered, or ends in silence. */
void courier_answer(struct courier_world *world, int status);
void courier_silence(struct courier_world *world, enum fr_outcome outcome);

/* The same for any of them, by its place among those under way. */
void courier_answer_at(struct courier_world *world, size_t at, int status);
void courier_silence_at(struct courier_world *world, size_t at, enum fr_outcome outcome);

/* Answers that reach the courier before it gets a turn: it runs with the next call. */
void courier_answer_quietly(struct courier_world *world, size_t at, int status);

/* What the request at this place says. */
const struct courier_sent *courier_asked(const struct courier_world *world, size_t at);

const struct courier_sent *courier_last(const struct courier_world *world);
struct fr_courier_facts courier_state(const struct courier_world *world);
void courier_expect(const struct courier_world *world, enum fr_courier_state state,
		    const char *kind);

/* Events of the sink in the books: "delivered", "dead", "unwanted". */
int64_t courier_booked(struct courier_world *world, const char *kind);

/* Somebody writes into the file by hand. */
void courier_tamper(struct courier_world *world, const char *sql);

/* Always 200. */
int courier_serve_ok(struct courier_world *world, const struct courier_sent *request);

#endif
