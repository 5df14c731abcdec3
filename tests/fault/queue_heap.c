/* Out of memory, at every allocation of every call on the queue: once, and from there on.
 *
 * Nothing crashes, nothing acknowledged is lost, nothing half done is left, and the same call works
 * as soon as there is memory again. FLIGHTREC_FAULT_ALL=1 tries every allocation, else they are
 * sampled where a call makes very many.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fault/stage.h"
#include "support/fault_heap.h"
#include "support/test.h"

enum { TRIES_MOST = 50 };

static struct stage stage;

static void try_at(const struct stage_act *act, unsigned n, bool for_ever, bool *fired)
{
	enum fr_status status;
	char what[128];

	(void)snprintf(what, sizeof what, "%s, allocation %u fails%s", act->name, n,
		       for_ever ? " and all after it" : "");
	stage_set(&stage, act);
	fault_heap_arm(n, for_ever);
	status = act->run(&stage);
	*fired = fault_heap_disarm();
	if (status != FR_OK && !*fired)
		fail_msg("%s: fails by itself: %s", what, stage.fixture->err.text);
	if (status != FR_OK && status != FR_NOMEM)
		fail_msg("%s: is told as %d: %s", what, (int)status, stage.fixture->err.text);
	stage_check(&stage, act, what);
}

/* How many allocations one run makes. */
static unsigned count_allocations(const struct stage_act *act)
{
	unsigned n = 1;
	bool fired = true;

	for (; fired; n *= 2) {
		stage_set(&stage, act);
		fault_heap_arm(n, false);
		(void)act->run(&stage);
		fired = fault_heap_disarm();
	}
	return n;
}

static void sweep(const struct stage_act *act, bool for_ever)
{
	unsigned most = count_allocations(act), step = most / TRIES_MOST + 1, tried = 0;
	bool fired = true;

	if (getenv("FLIGHTREC_FAULT_ALL") != NULL)
		step = 1;
	for (unsigned n = 1; fired; n += n < 20 ? 1 : step, tried++)
		try_at(act, n, for_ever, &fired);
	print_message("%s: %u allocations tried\n", act->name, tried);
	assert_true(tried > 1); /* the last one tried never failed: else nothing did */
}

static void an_allocation_that_fails_once_loses_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < stage_act_count; i++)
		sweep(&stage_acts[i], false);
}

static void memory_that_stays_short_loses_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < stage_act_count; i++)
		sweep(&stage_acts[i], true);
}

static int set_up(void **state)
{
	(void)state;
	test_folder_in_memory();
	fault_heap_install();
	stage_make(&stage, FR_PROCESS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_drop(&stage);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allocation_that_fails_once_loses_nothing),
		cmocka_unit_test(memory_that_stays_short_loses_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
