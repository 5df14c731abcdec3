/* Sizes and durations: a whole number and one unit, nothing around or between them. */
#include "base/text.h"

#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit size_units[] = {
	{"", 1},
	{"B", 1},
	{"kB", 1000},
	{"KB", 1000},
	{"KiB", INT64_C(1) << 10},
	{"MB", 1000000},
	{"MiB", INT64_C(1) << 20},
	{"GB", 1000000000},
	{"GiB", INT64_C(1) << 30},
	{"TB", INT64_C(1000000000000)},
	{"TiB", INT64_C(1) << 40},
	{NULL, 0},
};

static const struct unit duration_units[] = {
	{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0},
};

static bool unit_parse(const struct unit *unit, const char *text, int64_t *value)
{
	int64_t number = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		int digit = *text - '0';

		if (number > (INT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	for (; unit->name != NULL; unit++) {
		if (strcmp(text, unit->name) != 0)
			continue;
		if (number > INT64_MAX / unit->factor)
			return false;
		*value = number * unit->factor;
		return true;
	}
	return false;
}

bool fr_size_parse(const char *text, int64_t *bytes)
{
	return unit_parse(size_units, text, bytes);
}

bool fr_duration_parse(const char *text, int64_t *ms)
{
	return unit_parse(duration_units, text, ms);
}
