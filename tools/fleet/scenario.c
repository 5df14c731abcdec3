#include "fleet/scenario.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sink/answer.h"

/* Ten minutes of an ordinary day, an hour of trouble, and what comes after it. */
#define AN_HOUR .begins_s = 600, .ends_s = 4200, .until_s = 6600

enum { RETRY_AFTER_S = 120, ROUND_TRIP_US = 40000, TIMEOUT_S = 30 };

#define FIRST_DAY_S INT64_C(1795305600) /* a Monday, midnight */

const struct fleet_scenario fleet_scenarios[] = {
	{"unavailable", "an hour of 503", FLEET_UNAVAILABLE, AN_HOUR, .office_percent = 100},
	{"retry-after", "an hour of 503 with Retry-After: 120", FLEET_ASKS_TO_WAIT, AN_HOUR,
	 .office_percent = 100},
	{"maintenance", "an hour of 503 with the date of its end as Retry-After", FLEET_MAINTENANCE,
	 AN_HOUR, .office_percent = 100},
	{"refused", "an hour of refused connections", FLEET_REFUSED, AN_HOUR,
	 .office_percent = 100},
	{"silent", "an hour of requests that nobody answers", FLEET_SILENT, AN_HOUR,
	 .office_percent = 100},
	{"update", "an update restarts every agent within a minute, and then it is an hour of 503",
	 FLEET_UNAVAILABLE, .begins_s = 0, .ends_s = 3600, .until_s = 6000, .office_percent = 100,
	 .starts_together = true, .backlog = 50},
	{"monday", "every machine starts within a minute, with a weekend's backlog", FLEET_REBOOT,
	 .begins_s = 0, .ends_s = 0, .until_s = 2400, .office_percent = 100,
	 .starts_together = true, .backlog = 300},
	{"office", "an office of 5 % of the fleet has its network back after an hour", FLEET_OFFICE,
	 AN_HOUR, .office_percent = 5},
};
const size_t fleet_scenario_count = sizeof fleet_scenarios / sizeof fleet_scenarios[0];

const struct fleet_scenario *fleet_scenario_find(const char *name)
{
	for (size_t i = 0; i < fleet_scenario_count; i++)
		if (strcmp(fleet_scenarios[i].name, name) == 0)
			return &fleet_scenarios[i];
	return NULL;
}

static void date_write(char out[40], int64_t at_s)
{
	time_t wall = (time_t)(FIRST_DAY_S + at_s);
	struct tm parts;

	if (gmtime_r(&wall, &parts) == NULL ||
	    strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &parts) == 0)
		out[0] = '\0';
}

static void reply_unavailable(struct fleet_reply *reply, const struct fleet_scenario *scenario,
			      int64_t sent_us)
{
	reply->answer.status = 503;
	if (scenario->trouble == FLEET_ASKS_TO_WAIT)
		(void)snprintf(reply->retry_after, sizeof reply->retry_after, "%d", RETRY_AFTER_S);
	if (scenario->trouble == FLEET_MAINTENANCE) {
		date_write(reply->retry_after, scenario->ends_s);
		date_write(reply->date, sent_us / FLEET_SECOND_US);
	}
}

static void reply_silence(struct fleet_reply *reply, enum fr_outcome outcome, const char *text)
{
	reply->outcome = outcome;
	reply->answer.status = 0;
	reply->text = text;
}

void fleet_reply_make(struct fleet_reply *reply, const struct fleet_scenario *scenario,
		      bool is_troubled, int64_t sent_us)
{
	*reply = (struct fleet_reply){
		.outcome = FR_OUTCOME_ANSWER,
		.answer = {.status = 200,
			   .content_type = "application/json",
			   .body = "",
			   .over_tls = true},
		.text = "",
		.arrives = true,
		.after_us = ROUND_TRIP_US,
	};
	reply->answer.retry_after = reply->retry_after;
	reply->answer.date = reply->date;
	if (!is_troubled || sent_us < scenario->begins_s * FLEET_SECOND_US ||
	    sent_us >= scenario->ends_s * FLEET_SECOND_US)
		return;
	switch (scenario->trouble) {
	case FLEET_UNAVAILABLE:
	case FLEET_ASKS_TO_WAIT:
	case FLEET_MAINTENANCE:
		reply_unavailable(reply, scenario, sent_us);
		break;
	case FLEET_REFUSED:
		reply_silence(reply, FR_OUTCOME_OFFLINE, "connection refused");
		break;
	case FLEET_SILENT:
		reply_silence(reply, FR_OUTCOME_AMBIGUOUS, "timeout");
		reply->after_us = TIMEOUT_S * FLEET_SECOND_US;
		break;
	case FLEET_OFFICE:
		reply_silence(reply, FR_OUTCOME_OFFLINE, "no route");
		reply->arrives = false;
		break;
	case FLEET_REBOOT:
		break;
	}
}
