/* Who gets the turn, when, and for how long the others wait. */
#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/turn.h"
#include "support/process.h"

enum { THREADS = 6 };

static int turn_make(void **state)
{
	struct fr_turn *turn = malloc(sizeof *turn);

	assert_non_null(turn);
	assert_int_equal(fr_turn_init(turn, NULL), FR_OK);
	*state = turn;
	return 0;
}

static int turn_remove(void **state)
{
	fr_turn_fini(*state);
	free(*state);
	return 0;
}

static void a_free_turn_is_taken_at_once_and_again(void **state)
{
	struct fr_turn *turn = *state;

	assert_int_equal(fr_turn_take(turn, 0, NULL), FR_OK);
	fr_turn_give(turn);
	assert_int_equal(fr_turn_take(turn, 0, NULL), FR_OK);
	fr_turn_give(turn);
}

static void a_taken_turn_is_waited_for_as_long_as_was_said_and_no_longer(void **state)
{
	struct fr_turn *turn = *state;
	struct fr_error err = {FR_OK, ""};
	long long start;

	assert_int_equal(fr_turn_take(turn, 0, NULL), FR_OK);
	start = test_now_ms();
	assert_int_equal(fr_turn_take(turn, 60, &err), FR_BUSY);
	assert_in_range(test_now_ms() - start, 59, 2000);
	assert_string_equal(err.text, "other threads kept the recorder busy for 60 ms");
	assert_int_equal(fr_turn_take(turn, 0, NULL), FR_BUSY);
	fr_turn_give(turn);
	assert_int_equal(fr_turn_take(turn, 0, NULL), FR_OK);
	fr_turn_give(turn);
}

/* Threads that queue up one after the other, and the order in which they were served. */
struct line {
	struct fr_turn *turn;
	int order[THREADS];
	int served; /* under the turn */
	atomic_int inside;
	atomic_int most_inside;
};

struct stander {
	struct line *line;
	int number;
	unsigned wait_ms;
	enum fr_status status;
	pthread_t thread;
};

static void *stand_in_line(void *argument)
{
	struct stander *self = argument;
	struct line *line = self->line;

	self->status = fr_turn_take(line->turn, self->wait_ms, NULL);
	if (self->status != FR_OK)
		return NULL;
	if (atomic_fetch_add(&line->inside, 1) > 0)
		atomic_store(&line->most_inside, 2);
	line->order[line->served++] = self->number;
	test_sleep_ms(2);
	(void)atomic_fetch_sub(&line->inside, 1);
	fr_turn_give(line->turn);
	return NULL;
}

static struct fr_turn_waiter *line_end(struct fr_turn *turn)
{
	struct fr_turn_waiter *last;

	(void)pthread_mutex_lock(&turn->mutex);
	last = turn->last;
	(void)pthread_mutex_unlock(&turn->mutex);
	return last;
}

/* Starts a thread and waits until it stands in line. */
static void line_join(struct line *line, struct stander *stander, int number, unsigned wait_ms)
{
	struct fr_turn_waiter *before = line_end(line->turn);

	*stander = (struct stander){.line = line, .number = number, .wait_ms = wait_ms};
	assert_int_equal(pthread_create(&stander->thread, NULL, stand_in_line, stander), 0);
	while (line_end(line->turn) == before)
		test_sleep_ms(1);
}

static void who_comes_first_is_served_first_and_alone(void **state)
{
	struct line line = {.turn = *state};
	struct stander standers[THREADS];

	assert_int_equal(fr_turn_take(line.turn, 0, NULL), FR_OK);
	for (int i = 0; i < THREADS; i++)
		line_join(&line, &standers[i], i, 20000);
	fr_turn_give(line.turn);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(standers[i].thread, NULL), 0);
		assert_int_equal(standers[i].status, FR_OK);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(line.order[i], i);
	assert_int_equal(atomic_load(&line.most_inside), 0);
}

static void who_gave_up_leaves_no_hole_in_the_line(void **state)
{
	struct line line = {.turn = *state};
	struct stander patient[2];
	struct stander hasty;

	assert_int_equal(fr_turn_take(line.turn, 0, NULL), FR_OK);
	line_join(&line, &patient[0], 0, 20000);
	line_join(&line, &hasty, 1, 300);
	line_join(&line, &patient[1], 2, 20000);
	assert_int_equal(pthread_join(hasty.thread, NULL), 0);
	assert_int_equal(hasty.status, FR_BUSY);
	fr_turn_give(line.turn);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(patient[i].thread, NULL), 0);
		assert_int_equal(patient[i].status, FR_OK);
	}
	assert_int_equal(line.served, 2);
	assert_int_equal(fr_turn_take(line.turn, 0, NULL), FR_OK);
	fr_turn_give(line.turn);
}

static void a_thread_in_a_loop_does_not_shut_the_others_out(void **state)
{
	struct line line = {.turn = *state};
	struct stander other;

	assert_int_equal(fr_turn_take(line.turn, 0, NULL), FR_OK);
	line_join(&line, &other, 0, 20000);
	fr_turn_give(line.turn);
	assert_int_equal(fr_turn_take(line.turn, 20000, NULL), FR_OK);
	assert_int_equal(line.served, 1); /* it was handed to the one who waited */
	fr_turn_give(line.turn);
	assert_int_equal(pthread_join(other.thread, NULL), 0);
}

static void a_fork_waits_for_the_turn_and_the_child_finds_it_free(void **state)
{
	struct line line = {.turn = *state};
	struct stander others[2];
	int outcome = 0;
	pid_t child;

	assert_int_equal(fr_turn_take(line.turn, 0, NULL), FR_OK);
	line_join(&line, &others[0], 0, 20000);
	line_join(&line, &others[1], 1, 20000);
	fr_turn_give(line.turn);
	fr_turn_before_fork(line.turn);
	child = fork();
	if (child == 0) {
		fr_turn_after_fork(line.turn, true);
		_exit(fr_turn_take(line.turn, 0, NULL) == FR_OK ? 0 : 1);
	}
	fr_turn_after_fork(line.turn, false);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &outcome, 0), child);
	assert_int_equal(outcome, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(others[i].thread, NULL), 0);
	assert_int_equal(line.served, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_free_turn_is_taken_at_once_and_again, turn_make,
						turn_remove),
		cmocka_unit_test_setup_teardown(
			a_taken_turn_is_waited_for_as_long_as_was_said_and_no_longer, turn_make,
			turn_remove),
		cmocka_unit_test_setup_teardown(who_comes_first_is_served_first_and_alone,
						turn_make, turn_remove),
		cmocka_unit_test_setup_teardown(who_gave_up_leaves_no_hole_in_the_line, turn_make,
						turn_remove),
		cmocka_unit_test_setup_teardown(a_thread_in_a_loop_does_not_shut_the_others_out,
						turn_make, turn_remove),
		cmocka_unit_test_setup_teardown(
			a_fork_waits_for_the_turn_and_the_child_finds_it_free, turn_make,
			turn_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
