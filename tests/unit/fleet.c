/* A fleet of 10,000 (FLIGHTREC_FLEET_AGENTS says how many) through every scenario of
 * flightrec-fleet, with the backoff that ships.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/fleet.h"
#include "fleet/heap.h"
#include "fleet/options.h"
#include "fleet/plot.h"
#include "fleet/table.h"

static uint32_t usual_agents(void)
{
	const char *text = getenv("FLIGHTREC_FLEET_AGENTS");

	return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 10000;
}

static void run(struct fleet_day *day, const char *scenario, uint32_t agents, uint64_t seed)
{
	const struct fleet_settings settings = {agents, seed, {10, 10}};
	const struct fleet_scenario *found = fleet_scenario_find(scenario);
	struct fr_error err = {.text = ""};

	assert_non_null(found);
	assert_int_equal(fleet_day_run(day, found, &settings, &err), FR_OK);
}

static void no_second_after_the_recovery_sees_more_than_2_percent_of_the_fleet(void **state)
{
	size_t second;

	(void)state;
	for (size_t i = 0; i < fleet_scenario_count; i++) {
		struct fleet_day day;

		run(&day, fleet_scenarios[i].name, usual_agents(), 1);
		print_message("%-12s peak second %.2f %%, 99 in 100 after %lld s\n",
			      fleet_scenarios[i].name, fleet_day_peak_percent(&day, &second),
			      (long long)day.most_after_s);
		assert_true(day.requests > (int64_t)day.settings.agents);
		assert_true(fleet_day_peak_percent(&day, &second) <= FLEET_RULE_PERCENT);
		fleet_day_fini(&day);
	}
}

static void after_a_quarter_of_an_hour_nobody_is_left_behind(void **state)
{
	(void)state;
	for (size_t i = 0; i < fleet_scenario_count; i++) {
		struct fleet_day day;

		run(&day, fleet_scenarios[i].name, 1000, 2);
		assert_true(day.owed > 0);
		assert_int_equal(day.still_owed, 0);
		assert_in_range(day.half_after_s, 0, 600);
		assert_in_range(day.most_after_s, day.half_after_s, 900);
		fleet_day_fini(&day);
	}
}

/* An update restarts all agents in one minute; after an hour of 503 nothing must be left of it. */
static void a_fleet_that_began_in_step_does_not_march_in_step(void **state)
{
	enum { WINDOW = 30, WINDOWS = 30 };
	struct fleet_day day;
	double most = 0, mean = 0;

	(void)state;
	run(&day, "update", usual_agents(), 1);
	for (size_t i = 0; i < WINDOWS; i++) {
		size_t end = (size_t)day.scenario->ends_s - WINDOW * i;
		double sum = 0;

		for (size_t second = end - WINDOW; second < end; second++)
			sum += day.arrivals[second];
		most = sum > most ? sum : most;
		mean += sum / WINDOWS;
	}
	print_message("half a minute at the cap: %.0f requests, %.0f at most\n", mean, most);
	assert_true(mean > 0);
	assert_true(most < 1.4 * mean);
	fleet_day_fini(&day);
}

static void the_same_seed_gives_the_same_day_and_another_one_another(void **state)
{
	struct fleet_day first, again, other;

	(void)state;
	run(&first, "unavailable", 500, 7);
	run(&again, "unavailable", 500, 7);
	run(&other, "unavailable", 500, 8);
	assert_int_equal(first.seconds, again.seconds);
	assert_memory_equal(first.arrivals, again.arrivals, first.seconds * sizeof *first.arrivals);
	assert_int_equal(first.most_after_s, again.most_after_s);
	assert_memory_not_equal(first.arrivals, other.arrivals,
				first.seconds * sizeof *first.arrivals);
	fleet_day_fini(&first);
	fleet_day_fini(&again);
	fleet_day_fini(&other);
}

static void an_office_without_network_is_not_seen_by_the_server(void **state)
{
	struct fleet_day day;
	double before = 0, during = 0;

	(void)state;
	run(&day, "office", 2000, 3);
	for (size_t second = 300; second < 600; second++)
		before += day.arrivals[second];
	for (size_t second = 3900; second < 4200; second++)
		during += day.arrivals[second];
	assert_true(during < before);
	fleet_day_fini(&day);
}

static void turns_come_in_the_order_of_time_whatever_was_changed_meanwhile(void **state)
{
	enum { AGENTS = 500 };
	int64_t planned[AGENTS], last = -1;
	struct fleet_heap heap;
	struct fleet_turn turn;
	uint64_t random = 1;
	size_t taken = 0;

	(void)state;
	assert_true(fleet_heap_init(&heap, AGENTS));
	for (uint32_t i = 0; i < 5 * AGENTS; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		planned[i % AGENTS] = (int64_t)(random >> 40);
		fleet_heap_set(&heap, i % AGENTS, planned[i % AGENTS]);
	}
	while (fleet_heap_take(&heap, &turn)) {
		assert_true(turn.at_us >= last);
		assert_int_equal(turn.at_us, planned[turn.agent]);
		last = turn.at_us;
		taken++;
	}
	assert_int_equal(taken, AGENTS);
	fleet_heap_fini(&heap);
}

static void a_picture_has_a_panel_and_a_table_its_rows_for_each_day(void **state)
{
	struct fleet_day days[2];
	char text[65536] = "";
	FILE *file = tmpfile();
	size_t length;

	(void)state;
	assert_non_null(file);
	run(&days[0], "unavailable", 100, 1);
	run(&days[1], "monday", 100, 1);
	fleet_plot_write(file, days, 2);
	fleet_table_print(file, &days[0], 600);
	rewind(file);
	length = fread(text, 1, sizeof text - 1, file);
	assert_true(length < sizeof text - 1);
	assert_non_null(strstr(text, days[0].scenario->title));
	assert_non_null(strstr(text, days[1].scenario->title));
	assert_non_null(strstr(text, "</svg>\n"));
	assert_non_null(strstr(text, "\n- 60:00"));
	assert_non_null(strstr(text, "\n+ 30:00"));
	assert_null(strstr(text, "nan"));
	fclose(file);
	fleet_day_fini(&days[0]);
	fleet_day_fini(&days[1]);
}

static void expect_refused(char *name, char *value, const char *why)
{
	char *arguments[] = {(char[]){"flightrec-fleet"}, name, value};
	struct fleet_options options;
	struct fr_error err = {.text = ""};

	assert_int_equal(fleet_options_parse(&options, 3, arguments, &err), FR_INVALID);
	assert_non_null(strstr(err.text, why));
}

static void what_the_command_line_does_not_mean_is_refused_by_name(void **state)
{
	(void)state;
	expect_refused((char[]){"--agents"}, (char[]){"0"}, "--agents takes a number from 1");
	expect_refused((char[]){"--agents"}, (char[]){"12x"}, "not \"12x\"");
	expect_refused((char[]){"--seed"}, (char[]){"-1"}, "--seed");
	expect_refused((char[]){"--scenario"}, (char[]){"tuesday"}, "no scenario \"tuesday\"");
	expect_refused((char[]){"--loud"}, (char[]){"1"}, "unknown option --loud");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			no_second_after_the_recovery_sees_more_than_2_percent_of_the_fleet),
		cmocka_unit_test(after_a_quarter_of_an_hour_nobody_is_left_behind),
		cmocka_unit_test(a_fleet_that_began_in_step_does_not_march_in_step),
		cmocka_unit_test(the_same_seed_gives_the_same_day_and_another_one_another),
		cmocka_unit_test(an_office_without_network_is_not_seen_by_the_server),
		cmocka_unit_test(turns_come_in_the_order_of_time_whatever_was_changed_meanwhile),
		cmocka_unit_test(a_picture_has_a_panel_and_a_table_its_rows_for_each_day),
		cmocka_unit_test(what_the_command_line_does_not_mean_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
