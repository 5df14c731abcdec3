/* A courier lives through random answers, silences, crashes, reboots, clock jumps and a queue that
 * is locked. In the end the sink works again, and every event has been accepted by it or lies among
 * the dead letters.
 *
 * All along: one batch id never stands for two bodies, and after a refusal the wait is kept.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/lock.h"
#include "unit/courier_fixture.h"

enum { WORLDS = 8, STEPS = 250, EVENTS_MAX = 8192, INFLIGHT_MAX = 8 };

struct model {
	struct courier_world *world;
	uint64_t random;
	unsigned recorded;
	bool accepted[EVENTS_MAX]; /* by seq: was in a request that got a 2xx */
	size_t checked;            /* requests looked at so far */
};

/* xorshift64*: the same walk in every run. */
static unsigned pick(struct model *model, unsigned below)
{
	model->random ^= model->random >> 12;
	model->random ^= model->random << 25;
	model->random ^= model->random >> 27;
	return (unsigned)((model->random * UINT64_C(2685821657736338717)) >> 33) % below;
}

static bool is_poisoned(const char *body)
{
	return strstr(body, "\"eventName\":\"poison\"") != NULL;
}

static void record_some(struct model *model)
{
	const struct queue_event poison = {.name = "poison"};
	unsigned count = 1 + pick(model, 40);

	while (count-- > 0 && model->recorded < EVENTS_MAX) {
		bool is_bad = pick(model, 50) == 0;

		assert_int_equal(
			queue_fixture_record(model->world->queue, is_bad ? &poison : NULL, NULL),
			FR_OK);
		model->recorded++;
	}
}

static void note_accepted(struct model *model, const char *body)
{
	while ((body = strstr(body, "\"seq\":")) != NULL) {
		body += strlen("\"seq\":");
		model->accepted[strtoul(body, NULL, 10)] = true;
	}
}

/* An answer as a real server might give it, in any of its moods. */
static void answer_somehow(struct model *model)
{
	static const int statuses[] = {200, 202, 204, 302, 400, 401, 404, 408, 413,
				       422, 429, 500, 502, 503, 504, 511, 599};
	static const enum fr_outcome silences[] = {FR_OUTCOME_OFFLINE, FR_OUTCOME_AMBIGUOUS,
						   FR_OUTCOME_TLS, FR_OUTCOME_LOCAL};
	struct courier_world *world = model->world;
	size_t at = pick(model, (unsigned)world->under_way_count);
	const char *body = courier_asked(world, at)->body;
	int status;

	if (pick(model, 4) == 0) {
		courier_silence_at(world, at, silences[pick(model, 4)]);
		return;
	}
	status = pick(model, 2) == 0 ? 200 : statuses[pick(model, 17)];
	if (is_poisoned(body) && status / 100 == 2)
		status = 400;
	world->retry_after = pick(model, 2) == 0 ? "90" : "";
	if (status / 100 == 2)
		note_accepted(model, body);
	if (pick(model, 3) == 0) /* another may come in before the courier's turn */
		courier_answer_quietly(world, at, status);
	else
		courier_answer_at(world, at, status);
}

static struct fr_lock *lock_out(struct courier_world *world)
{
	char path[TEST_PATH_MAX];
	struct fr_lock *lock;
	struct fr_error err = {.text = ""};

	(void)test_folder_path(&world->queue->folder, "queue.lock", path);
	assert_int_equal(fr_lock_open(&lock, path, &err), FR_OK);
	assert_int_equal(fr_lock_acquire(lock, 1000, &err), FR_OK);
	return lock;
}

static void crash(struct model *model, bool is_reboot)
{
	static const char *const boots[] = {"one", "two", "three", "four"};
	struct courier_world *world = model->world;

	courier_close(world);
	if (is_reboot) {
		world->queue->world.env.boot_id = boots[pick(model, 4)];
		world->queue->world.boot_us = 1000000 + pick(model, 1000000);
	}
	queue_fixture_reopen(world->queue);
	courier_open(world);
}

static void answer_while_locked_out(struct model *model)
{
	struct fr_lock *lock = lock_out(model->world);

	answer_somehow(model);
	courier_pass(model->world, 1000);
	if (pick(model, 3) == 0)
		courier_close(model->world);
	fr_lock_release(lock);
	fr_lock_close(lock);
	if (model->world->courier == NULL)
		courier_open(model->world);
	courier_pass(model->world, 5000);
}

static void step(struct model *model)
{
	struct courier_world *world = model->world;

	switch (pick(model, 12)) {
	case 0:
	case 1:
		record_some(model);
		courier_wake(world);
		break;
	case 2:
		courier_flush(world);
		break;
	case 3:
		courier_pass(world, pick(model, 60000));
		break;
	case 4:
		courier_pass(world, 900000);
		break;
	case 5:
		crash(model, pick(model, 4) == 0);
		break;
	case 6:
		world->queue->world.wall_us += ((int64_t)pick(model, 2000) - 1000) * 86400000000;
		break;
	case 7:
		if (world->under_way_count > 0)
			answer_while_locked_out(model);
		break;
	default:
		if (world->under_way_count > 0)
			answer_somehow(model);
		break;
	}
}

/* The settings never change here, so that one id stands for one body, whatever happens. */
static void check_ids(struct model *model)
{
	const struct courier_world *world = model->world;
	size_t i;

	for (; model->checked < world->sent_count; model->checked++) {
		const struct courier_sent *sent = &world->sent[model->checked];

		for (i = 0; i < model->checked; i++)
			if (strcmp(world->sent[i].batch, sent->batch) == 0)
				assert_string_equal(world->sent[i].body, sent->body);
	}
}

static int refuse_poison_only(struct courier_world *world, const struct courier_sent *request)
{
	(void)world;
	return is_poisoned(request->body) ? 400 : 200;
}

static void recover(struct model *model)
{
	struct courier_world *world = model->world;
	size_t i, before = world->sent_count;
	int quarter;

	while (world->under_way_count > 0)
		courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	world->retry_after = "";
	world->serve = refuse_poison_only;
	for (quarter = 0; quarter < 200 && !fr_courier_is_done(world->courier); quarter++) {
		courier_pass(world, 900000);
		courier_flush(world);
	}
	if (!fr_courier_is_done(world->courier))
		fail_msg("still %s (%s), %zu requests more", courier_state(world).state_name,
			 courier_state(world).reason, world->sent_count - before);
	for (i = before; i < world->sent_count; i++)
		if (!is_poisoned(world->sent[i].body))
			note_accepted(model, world->sent[i].body);
}

static void check_end(struct model *model)
{
	char sql[128];
	unsigned seq;

	for (seq = 0; seq < model->recorded; seq++) {
		if (model->accepted[seq])
			continue;
		(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM dead_letter WHERE seq = %u",
			       seq);
		if (queue_fixture_ask(model->world->queue, sql) != 1)
			fail_msg("event %u was neither accepted nor kept", seq);
	}
	assert_int_equal(courier_booked(model->world, "delivered") +
				 courier_booked(model->world, "dead"),
			 model->recorded);
	assert_int_equal(queue_fixture_ask(model->world->queue, "SELECT count(*) FROM pending"), 0);
}

static void no_event_is_lost_whatever_sink_queue_and_clock_do(void **state)
{
	unsigned seed, several = 0;
	int i;

	(void)state;
	for (seed = 1; seed <= WORLDS; seed++) {
		struct model *model = calloc(1, sizeof *model);
		void *world;

		assert_non_null(model);
		assert_int_equal(courier_set_up(&world), 0);
		model->world = world;
		model->random = seed * UINT64_C(88172645463325252);
		model->world->queue->options.busy_ms = 1;
		model->world->settings.inflight = seed % INFLIGHT_MAX + 1;
		model->world->settings.max_events = 1 + seed * 7 % 40;
		queue_fixture_reopen(model->world->queue);
		courier_open(model->world);
		for (i = 0; i < STEPS; i++) {
			step(model);
			check_ids(model);
		}
		recover(model);
		check_ids(model);
		check_end(model);
		several += model->world->under_way_most > 1;
		assert_int_equal(courier_tear_down(&world), 0);
		free(model);
	}
	assert_true(several > WORLDS / 2); /* or it was not about several at once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_event_is_lost_whatever_sink_queue_and_clock_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
