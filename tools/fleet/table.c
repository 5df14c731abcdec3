#include "fleet/table.h"

static void clock_print(FILE *out, const struct fleet_day *day, size_t second)
{
	long at_s = (long)second - (long)day->scenario->ends_s;
	unsigned long away_s = (unsigned long)(at_s < 0 ? -at_s : at_s);

	fprintf(out, "%c%3lu:%02lu", at_s < 0 ? '-' : '+', away_s / 60, away_s % 60);
}

static void row_print(FILE *out, const struct fleet_day *day, size_t from_s, size_t to_s)
{
	size_t peak_s;
	uint32_t peak = fleet_day_peak(day, from_s, to_s, &peak_s);
	double sum = 0;

	for (size_t i = from_s; i < to_s; i++)
		sum += day->arrivals[i];
	clock_print(out, day, from_s);
	fprintf(out, "%14.1f%12lu%15.2f %%\n", sum / (double)(to_s - from_s), (unsigned long)peak,
		fleet_day_percent(day, peak));
}

void fleet_table_print(FILE *out, const struct fleet_day *day, size_t every_s)
{
	fprintf(out, "%s: %s\n", day->scenario->name, day->scenario->title);
	fputs("   time  arrivals a second   peak second   of the fleet\n", out);
	for (size_t from_s = 0; from_s < day->seconds; from_s += every_s) {
		size_t to_s = from_s + every_s < day->seconds ? from_s + every_s : day->seconds;

		row_print(out, day, from_s, to_s);
	}
	fputc('\n', out);
}

void fleet_summary_head(FILE *out, const struct fleet_settings *settings)
{
	fprintf(out,
		"%lu agents, seed %llu, %.0f events an hour each; after the recovery:\n"
		"scenario       peak second  of the fleet   at  half delivered   99 in 100   "
		"requests\n",
		(unsigned long)settings->agents, (unsigned long long)settings->seed,
		settings->habits.bursts_per_hour * settings->habits.events_per_burst);
}

static void after_print(FILE *out, int width, int64_t seconds)
{
	if (seconds < 0)
		fprintf(out, "%*s", width, "not yet");
	else
		fprintf(out, "%*lld s", width - 2, (long long)seconds);
}

void fleet_summary_print(FILE *out, const struct fleet_day *day)
{
	size_t second;
	uint32_t peak = fleet_day_peak(day, (size_t)day->scenario->ends_s, day->seconds, &second);

	fprintf(out, "%-14s%12lu%12.2f %%%4lu s", day->scenario->name, (unsigned long)peak,
		fleet_day_percent(day, peak),
		(unsigned long)(second - (size_t)day->scenario->ends_s));
	after_print(out, 16, day->half_after_s);
	after_print(out, 12, day->most_after_s);
	fprintf(out, "%11lld\n", (long long)day->requests);
}
