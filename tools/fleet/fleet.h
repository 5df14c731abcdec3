/* A fleet's day: agents take turns in the order of time, and every request that arrives is counted
 * in its second.
 *
 * Pure but for memory: the same settings give the same numbers.
 */
#ifndef FR_FLEET_FLEET_H
#define FR_FLEET_FLEET_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "fleet/agent.h"
#include "fleet/scenario.h"

/* The rule: no second after the recovery sees more than 2 % of the fleet. */
#define FLEET_RULE_PERCENT 2.0

struct fleet_settings {
	uint32_t agents;
	uint64_t seed;
	struct fleet_habits habits;
};

struct fleet_day {
	const struct fleet_scenario *scenario;
	struct fleet_settings settings;
	uint32_t *arrivals; /* in each second */
	size_t seconds;
	int64_t requests;
	int64_t owed, still_owed; /* events: at the recovery, and at the end */
	int64_t half_after_s,
		most_after_s; /* half the agents, 99 in 100, have caught up; -1: not */
};

/* FR_NOMEM, or FR_OK; fini also after a failure. */
enum fr_status fleet_day_run(struct fleet_day *day, const struct fleet_scenario *scenario,
			     const struct fleet_settings *settings, struct fr_error *err);
void fleet_day_fini(struct fleet_day *day);

/* The most arrivals in one second of [from_s, to_s), and which second that was. */
uint32_t fleet_day_peak(const struct fleet_day *day, size_t from_s, size_t to_s, size_t *second);

/* The peak second after the recovery, as a part of the fleet. */
double fleet_day_peak_percent(const struct fleet_day *day, size_t *second);

double fleet_day_percent(const struct fleet_day *day, double arrivals);

#endif
