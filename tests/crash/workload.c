/* A small piece of work on a queue that passes its crash points; one of them may end it.
 *
 *   crash_workload record|deliver|evict|salvage|forget HOME CONFIG NOTES
 *
 * NOTES is what the witness will believe: a line "A session seq" for each event that was
 * acknowledged, "L session seq" before it may leave, "G session seq" when it has. Run again after a
 * crash it goes on with what it finds. Ends with 3 and a sentence when a call fails.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/home.h"
#include "flightrec.h"
#include "queue/batch.h"
#include "queue/dead.h"
#include "queue/queue.h"
#include "queue/sinks.h"

enum { MANY = 20, BIG_TEXT = 3000, BIG_EVENTS = 420 };

struct work {
	const char *home;
	const char *config;
	int notes;
	struct fr_env env;
	struct fr_queue *queue;
	struct fr_session session;
	int64_t sink;
	int64_t max_bytes;
	struct fr_error err;
};

static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "crash_workload: %s: %s\n", what, why);
	exit(3);
}

#define MUST(work, call)                                  \
	do {                                              \
		if ((call) != FR_OK)                      \
			give_up(#call, (work)->err.text); \
	} while (0)

static void note(const struct work *work, char state, const char *session, int64_t seq)
{
	char line[96];
	int length = snprintf(line, sizeof line, "%c %s %lld\n", state, session, (long long)seq);

	if (write(work->notes, line, (size_t)length) != length)
		give_up("notes", "cannot be written");
}

/* ---- the library, as a host uses it ---- */

static flightrec *open_recorder(const struct work *work, enum flightrec_durability durability)
{
	flightrec_options *options = flightrec_options_new();
	flightrec *recorder = NULL;

	flightrec_options_set_home(options, work->home);
	flightrec_options_set_config(options, work->config);
	flightrec_options_set_durability(options, durability);
	flightrec_options_set_consent(options, FLIGHTREC_CONSENT_ON);
	if (flightrec_open(&recorder, options) != FLIGHTREC_OK)
		give_up("open", "the recorder");
	return recorder;
}

static void record_some(const struct work *work, enum flightrec_durability durability)
{
	flightrec *recorder = open_recorder(work, durability);
	char json[64];

	for (int n = 0; n < MANY; n++) {
		enum flightrec_status status;

		(void)snprintf(json, sizeof json, "{\"n\":%d}", n);
		status = flightrec_record(recorder, "tool_use_error", json);
		if (status != FLIGHTREC_OK)
			give_up("record", flightrec_strerror(status));
		note(work, 'A', flightrec_session_id(recorder), n);
	}
	flightrec_close(recorder);
}

static void work_record(struct work *work)
{
	record_some(work, FLIGHTREC_POWER);
	record_some(work, FLIGHTREC_PROCESS);
}

/* ---- the queue ---- */

static void open_queue(struct work *work)
{
	const struct fr_queue_options options = {
		.home = work->home,
		.env = &work->env,
		.max_bytes = work->max_bytes,
		.busy_ms = 10000,
		.may_create = true,
		.exclusive_agent = true,
	};
	struct fr_home home = {0};

	(void)snprintf(home.path, sizeof home.path, "%s", work->home);
	MUST(work, fr_home_make(&home, &work->err));
	MUST(work, fr_queue_open(&work->queue, &options, &work->err));
	work->session = (struct fr_session){.service = "workload", .version = "1"};
	MUST(work,
	     fr_uuid7(work->session.uuid, &work->env, fr_env_wall_us(&work->env), &work->err));
}

static void append(struct work *work, const char *text)
{
	int64_t seq = work->session.next_seq;
	char uuid[FR_UUID_TEXT];
	struct fr_draft draft;
	struct fr_append append = {.uuid = uuid, .draft = &draft, .sendable = true};

	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, "tool_use_error");
	fr_draft_set_int64(&draft, "n", seq);
	fr_draft_set_string(&draft, "text", text, strlen(text));
	MUST(work, fr_draft_finish(&draft, NULL, 0, &work->err));
	append.time_us = fr_env_wall_us(&work->env);
	MUST(work, fr_uuid7(uuid, &work->env, append.time_us, &work->err));
	MUST(work, fr_queue_append(work->queue, &work->session, &append, NULL, &work->err));
	note(work, 'A', work->session.uuid, seq);
	fr_draft_fini(&draft);
}

static void note_batch(const struct work *work, char state, const struct fr_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		note(work, state, batch->events[i].session, batch->events[i].seq);
}

/* NULL when nothing is wanted. */
static struct fr_batch *claim(struct work *work, size_t most)
{
	struct fr_claim wants = {.sink = work->sink,
				 .max_events = most,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE};
	char digest[FR_CHECKSUM_HEX] = "0";
	struct fr_batch *batch = NULL;
	enum fr_status status;
	bool more;

	MUST(work, fr_queue_begin(work->queue, &work->err));
	status = fr_batch_claim(work->queue, &wants, &batch, &more, &work->err);
	if (status == FR_OK)
		MUST(work, fr_batch_seal(work->queue, batch, 1, digest, &work->err));
	else if (status != FR_NONE)
		give_up("claim", work->err.text);
	MUST(work, fr_queue_commit(work->queue, &work->err));
	return batch;
}

/* Takes the batch. */
static void ack(struct work *work, struct fr_batch *batch)
{
	if (batch == NULL)
		return;
	note_batch(work, 'L', batch);
	MUST(work, fr_queue_begin(work->queue, &work->err));
	MUST(work, fr_batch_ack(work->queue, batch, NULL, 0, &work->err));
	MUST(work, fr_queue_commit(work->queue, &work->err));
	note_batch(work, 'G', batch);
	fr_batch_free(batch);
}

static void bury(struct work *work, struct fr_batch *batch)
{
	const struct fr_refusal why = {.reason = "schema", .status = 400, .answer = "no"};

	if (batch == NULL)
		return;
	note_batch(work, 'L', batch);
	MUST(work, fr_queue_begin(work->queue, &work->err));
	MUST(work, fr_batch_bury(work->queue, batch, &why, &work->err));
	MUST(work, fr_queue_commit(work->queue, &work->err));
	note_batch(work, 'G', batch);
	fr_batch_free(batch);
}

static void split(struct work *work, struct fr_batch *batch)
{
	if (batch == NULL)
		return;
	MUST(work, fr_queue_begin(work->queue, &work->err));
	MUST(work, fr_batch_refused(work->queue, batch, &work->err));
	if (batch->count > 1)
		MUST(work, fr_batch_split(work->queue, batch, &work->err));
	MUST(work, fr_queue_commit(work->queue, &work->err));
	fr_batch_free(batch);
}

/* What an earlier run, or a split, left open. */
static void finish_open_batches(struct work *work)
{
	for (;;) {
		struct fr_batch *batch = NULL;
		int64_t row = 0;
		size_t open = 0;

		MUST(work, fr_batch_open_ids(work->queue, work->sink, &row, 1, &open, &work->err));
		if (open == 0)
			return;
		MUST(work, fr_batch_load(work->queue, row, &batch, &work->err));
		if (batch->missing > 0)
			give_up("load", "a frozen member is gone");
		ack(work, batch);
	}
}

static void set_sink(struct work *work)
{
	struct fr_sink_want sink = {"a", "first_party", 0};

	MUST(work, fr_sinks_set(work->queue, &sink, 1, &work->err));
	work->sink = sink.id;
}

static void keep_up(struct work *work)
{
	struct fr_upkeep upkeep = {.idle = true};

	MUST(work, fr_queue_upkeep(work->queue, &upkeep, &work->err));
}

static void work_deliver(struct work *work)
{
	open_queue(work);
	set_sink(work);
	finish_open_batches(work);
	for (int i = 0; i < MANY; i++)
		append(work, "");
	ack(work, claim(work, 4));
	bury(work, claim(work, 1));
	split(work, claim(work, 6));
	finish_open_batches(work);
	keep_up(work);
	ack(work, claim(work, 4));
}

/* More than fits: the oldest give way, which only the books can tell. */
/* Letters are asked for, delivered, refused again, and purged. */
static void work_retry(struct work *work)
{
	static const int64_t letters[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct fr_dead_tally tally;

	open_queue(work);
	set_sink(work);
	finish_open_batches(work);
	for (int i = 0; i < MANY; i++)
		append(work, "");
	bury(work, claim(work, 5));
	MUST(work, fr_dead_ask(work->queue, letters, 8, &tally, &work->err));
	ack(work, claim(work, 2));
	bury(work, claim(work, 2));
	MUST(work, fr_dead_purge(work->queue, letters, 8, &tally, &work->err));
	ack(work, claim(work, MANY));
}

static void work_evict(struct work *work)
{
	char text[BIG_TEXT + 1];

	memset(text, 'x', BIG_TEXT);
	text[BIG_TEXT] = '\0';
	work->max_bytes = FR_QUEUE_MIN_BYTES;
	open_queue(work);
	set_sink(work);
	finish_open_batches(work);
	fr_batch_free(claim(work, 3)); /* these may not give way */
	for (int i = 0; i < BIG_EVENTS; i++)
		append(work, text);
	keep_up(work);
}

static void work_salvage(struct work *work)
{
	open_queue(work);
	for (int i = 0; i < MANY; i++)
		append(work, "");
	MUST(work, fr_queue_repair(work->queue, &work->err));
	work->session.row = 0;
	for (int i = 0; i < MANY; i++)
		append(work, "");
}

static void forget_files(struct work *work)
{
	unsigned files = 0;

	MUST(work, fr_queue_unlink(work->home, &work->env, 1000, &files, &work->err));
}

static void work_forget(struct work *work)
{
	int64_t events = 0;

	open_queue(work);
	for (int i = 0; i < MANY; i++)
		append(work, "");
	for (int i = 0; i < MANY; i++)
		note(work, 'L', work->session.uuid, i);
	MUST(work, fr_queue_purge(work->queue, &events, &work->err));
	for (int i = 0; i < MANY; i++)
		note(work, 'G', work->session.uuid, i);
	append(work, "");
	note(work, 'L', work->session.uuid, MANY);
	fr_queue_close(work->queue);
	work->queue = NULL;
	forget_files(work);
	note(work, 'G', work->session.uuid, MANY);
	open_queue(work);
	append(work, "");
}

int main(int count, char **arguments)
{
	static const struct {
		const char *name;
		void (*run)(struct work *work);
	} scripts[] = {
		{"record", work_record},   {"deliver", work_deliver}, {"evict", work_evict},
		{"salvage", work_salvage}, {"forget", work_forget},   {"retry", work_retry},
	};
	struct work work = {.max_bytes = FR_QUEUE_BYTES_DEFAULT};

	if (count != 5)
		give_up("usage", "SCRIPT HOME CONFIG NOTES");
	work.home = arguments[2];
	work.config = arguments[3];
	work.notes = open(arguments[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	fr_env_real(&work.env);
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		if (strcmp(arguments[1], scripts[i].name) == 0) {
			scripts[i].run(&work);
			fr_queue_close(work.queue);
			return 0;
		}
	give_up("no such script", arguments[1]);
}
