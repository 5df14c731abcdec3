#include "fleet/fleet.h"

#include <stdlib.h>

#include "fleet/heap.h"

static void fleet_begin(const struct fleet_day *day, struct fleet_agent *agents,
			struct fleet_heap *heap)
{
	const struct fleet_settings *settings = &day->settings;

	for (uint32_t i = 0; i < settings->agents; i++)
		fleet_heap_set(heap, i,
			       fleet_agent_begin(&agents[i], settings->seed, day->scenario,
						 &settings->habits, i));
}

static void fleet_relieve(struct fleet_day *day, struct fleet_agent *agents,
			  struct fleet_heap *heap, int64_t now_us)
{
	for (uint32_t i = 0; i < day->settings.agents; i++) {
		int64_t next_us = fleet_agent_relieve(&agents[i], day->scenario,
						      &day->settings.habits, now_us);

		if (next_us != FLEET_NEVER)
			fleet_heap_set(heap, i, next_us);
		day->owed += agents[i].owed;
	}
}

static void fleet_live(struct fleet_day *day, struct fleet_agent *agents, struct fleet_heap *heap)
{
	int64_t relief_us = day->scenario->ends_s * FLEET_SECOND_US;
	int64_t end_us = day->scenario->until_s * FLEET_SECOND_US;
	bool is_relieved = false, arrives = false;
	struct fleet_turn turn;

	while (fleet_heap_take(heap, &turn) && turn.at_us < end_us) {
		struct fleet_agent *agent = &agents[turn.agent];

		if (!is_relieved && turn.at_us >= relief_us) {
			fleet_heap_set(heap, turn.agent, turn.at_us);
			fleet_relieve(day, agents, heap, relief_us);
			is_relieved = true;
			continue;
		}
		fleet_heap_set(heap, turn.agent,
			       fleet_agent_turn(agent, day->scenario, &day->settings.habits,
						turn.at_us, &arrives));
		if (arrives) {
			day->arrivals[turn.at_us / FLEET_SECOND_US]++;
			day->requests++;
		}
	}
}

static int by_time(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static int64_t seconds_after(const struct fleet_day *day, int64_t at_us)
{
	int64_t relief_us = day->scenario->ends_s * FLEET_SECOND_US;

	return at_us == FLEET_NEVER ? -1 : (at_us - relief_us) / FLEET_SECOND_US;
}

static enum fr_status fleet_sum_up(struct fleet_day *day, const struct fleet_agent *agents,
				   struct fr_error *err)
{
	size_t count = day->settings.agents;
	int64_t *times = calloc(count, sizeof *times);

	if (times == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		times[i] = agents[i].caught_up_us;
		day->still_owed += agents[i].owed;
	}
	qsort(times, count, sizeof *times, by_time);
	day->half_after_s = seconds_after(day, times[count / 2]);
	day->most_after_s = seconds_after(day, times[(size_t)((double)count * 0.99)]);
	free(times);
	return FR_OK;
}

enum fr_status fleet_day_run(struct fleet_day *day, const struct fleet_scenario *scenario,
			     const struct fleet_settings *settings, struct fr_error *err)
{
	struct fleet_agent *agents = calloc(settings->agents, sizeof *agents);
	struct fleet_heap heap;
	enum fr_status status = FR_OK;

	*day = (struct fleet_day){.scenario = scenario, .settings = *settings};
	day->seconds = (size_t)scenario->until_s;
	day->arrivals = calloc(day->seconds, sizeof *day->arrivals);
	if (!fleet_heap_init(&heap, settings->agents) || agents == NULL || day->arrivals == NULL)
		status = fr_fail(err, FR_NOMEM, "out of memory for %lu agents",
				 (unsigned long)settings->agents);
	if (status == FR_OK) {
		fleet_begin(day, agents, &heap);
		fleet_live(day, agents, &heap);
		status = fleet_sum_up(day, agents, err);
	}
	fleet_heap_fini(&heap);
	free(agents);
	return status;
}

void fleet_day_fini(struct fleet_day *day)
{
	free(day->arrivals);
	day->arrivals = NULL;
}

uint32_t fleet_day_peak(const struct fleet_day *day, size_t from_s, size_t to_s, size_t *second)
{
	uint32_t most = 0;

	*second = from_s;
	for (size_t i = from_s; i < to_s && i < day->seconds; i++)
		if (day->arrivals[i] > most) {
			most = day->arrivals[i];
			*second = i;
		}
	return most;
}

double fleet_day_percent(const struct fleet_day *day, double arrivals)
{
	return 100.0 * arrivals / day->settings.agents;
}

double fleet_day_peak_percent(const struct fleet_day *day, size_t *second)
{
	return fleet_day_percent(
		day, fleet_day_peak(day, (size_t)day->scenario->ends_s, day->seconds, second));
}
