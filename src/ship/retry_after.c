#include "ship/retry_after.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct date {
	int year, day, hour, minute, second;
	char month[4];
};

/* `Sun, 06 Nov 1994 08:49:37 GMT`, which everybody sends; `Sunday, 06-Nov-94 08:49:37 GMT` and
 * `Sun Nov  6 08:49:37 1994`, which everybody must read. */
static bool date_scan(const char *text, struct date *date)
{
	int end = 0;

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &date->day,
		   date->month, &date->year, &date->hour, &date->minute, &date->second,
		   &end) == 6 &&
	    end > 0)
		return text[end] == '\0';
	if (sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &date->day,
		   date->month, &date->year, &date->hour, &date->minute, &date->second,
		   &end) == 6 &&
	    end > 0)
		return text[end] == '\0';
	return sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", date->month, &date->day,
		      &date->hour, &date->minute, &date->second, &date->year, &end) == 6 &&
	       text[end] == '\0';
}

static int month_number(const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *found = strstr(months, name);

	if (strlen(name) != 3 || found == NULL || (found - months) % 3 != 0)
		return 0;
	return (int)((found - months) / 3) + 1;
}

bool fr_http_date_parse(const char *text, int64_t *wall_us)
{
	struct date date = {0};
	char iso[80];
	int length;

	if (!date_scan(text, &date))
		return false;
	if (date.year >= 0 && date.year < 100)
		date.year += date.year < 70 ? 2000 : 1900;
	/* fr_time_parse judges the ranges, a month of 0 among them. */
	length = snprintf(iso, sizeof iso, "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year,
			  month_number(date.month), date.day, date.hour, date.minute, date.second);
	return fr_time_parse(iso, (size_t)length, wall_us);
}

static int64_t clamp(int64_t ms)
{
	if (ms < FR_RETRY_AFTER_MIN_MS)
		return FR_RETRY_AFTER_MIN_MS;
	return ms < FR_RETRY_AFTER_MAX_MS ? ms : FR_RETRY_AFTER_MAX_MS;
}

/* Digits and nothing else; -1 for anything else. */
static int64_t seconds_parse(const char *text)
{
	int64_t seconds = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		if (seconds < FR_RETRY_AFTER_MAX_MS)
			seconds = seconds * 10 + (*text - '0');
	}
	return seconds;
}

int64_t fr_retry_after_ms(const char *retry_after, const char *date)
{
	int64_t seconds = seconds_parse(retry_after);
	int64_t until_us, now_us;

	if (seconds >= 0)
		return clamp(seconds * 1000);
	if (!fr_http_date_parse(retry_after, &until_us) || !fr_http_date_parse(date, &now_us))
		return 0;
	return clamp((until_us - now_us) / 1000);
}
