/* What happens to the fleet: a table of scenarios, and what a request meets in each.
 *
 * Time is in microseconds from the scenario's beginning; the trouble lasts from `begins` to `ends`.
 */
#ifndef FR_FLEET_SCENARIO_H
#define FR_FLEET_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/verdict.h"

#define FLEET_SECOND_US INT64_C(1000000)

enum fleet_trouble {
	FLEET_UNAVAILABLE,  /* 503 */
	FLEET_ASKS_TO_WAIT, /* 503 with Retry-After in seconds */
	FLEET_MAINTENANCE,  /* 503 with Retry-After as the date of the end, the same for all */
	FLEET_REFUSED,      /* nobody listens */
	FLEET_SILENT,       /* accepts and says nothing, until the timeout */
	FLEET_REBOOT,       /* the endpoint is well; every machine starts within a minute */
	FLEET_OFFICE,       /* the endpoint is well; an office has no network, and then it has */
};

struct fleet_scenario {
	const char *name;
	const char *title;
	enum fleet_trouble trouble;
	int64_t begins_s, ends_s, until_s;
	unsigned office_percent; /* of the fleet, whom the trouble befalls */
	bool starts_together;    /* all agents start in the first minute */
	unsigned backlog;        /* events that each of them then has, on average */
};

extern const struct fleet_scenario fleet_scenarios[];
extern const size_t fleet_scenario_count;

/* NULL: there is none of that name. */
const struct fleet_scenario *fleet_scenario_find(const char *name);

/* The fate of one request. */
struct fleet_reply {
	enum fr_outcome outcome;
	struct fr_answer answer; /* its texts live in the reply and in literals */
	const char *text;
	bool arrives;     /* the server, or what stands where it stood, sees the request */
	int64_t after_us; /* how long the agent waits for it */
	char retry_after[40], date[40];
};
void fleet_reply_make(struct fleet_reply *reply, const struct fleet_scenario *scenario,
		      bool is_troubled, int64_t sent_us);

#endif
