/* Times as text, by arithmetic: the C library's calendar asks for the time zone and the locale.
 *
 * Days are counted in the proleptic Gregorian calendar in eras of 400 years that begin on 1 March,
 * so that a leap day is the last of its year (Howard Hinnant, "chrono-compatible low-level date
 * algorithms").
 */
#include "base/text.h"

#include <assert.h>

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

static const int64_t us_per_second = 1000000;
static const int64_t us_per_day = INT64_C(86400) * 1000000;
static const int64_t earliest_us = INT64_C(-62167219200) * 1000000;   /* 0000-01-01 */
static const int64_t latest_us = INT64_C(253402300800) * 1000000 - 1; /* 9999-12-31 */

struct date {
	int year;
	int month;
	int day;
};

static int64_t days_from_date(struct date date)
{
	int64_t year = date.month <= 2 ? date.year - 1 : date.year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t month_from_march = (date.month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static struct date date_from_days(int64_t days)
{
	int64_t shifted = days + DAYS_TO_1970;
	int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t day_of_era = shifted - era * DAYS_PER_ERA;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
			       day_of_era / (DAYS_PER_ERA - 1)) /
			      365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;
	int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

	return (struct date){
		.year = (int)(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
		.month = (int)month,
		.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
	};
}

static char *digits_put(char *out, int64_t value, int count)
{
	int i;

	for (i = count - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return out + count;
}

void fr_time_format(char out[FR_TIME_TEXT], int64_t wall_us)
{
	int64_t days, rest, seconds;
	struct date date;
	char *at = out;

	if (wall_us < earliest_us)
		wall_us = earliest_us;
	if (wall_us > latest_us)
		wall_us = latest_us;
	days = wall_us / us_per_day;
	rest = wall_us % us_per_day;
	if (rest < 0) {
		days--;
		rest += us_per_day;
	}
	date = date_from_days(days);
	seconds = rest / us_per_second;
	at = digits_put(at, date.year, 4);
	*at++ = '-';
	at = digits_put(at, date.month, 2);
	*at++ = '-';
	at = digits_put(at, date.day, 2);
	*at++ = 'T';
	at = digits_put(at, seconds / 3600, 2);
	*at++ = ':';
	at = digits_put(at, seconds / 60 % 60, 2);
	*at++ = ':';
	at = digits_put(at, seconds % 60, 2);
	*at++ = '.';
	at = digits_put(at, rest % us_per_second, 6);
	*at++ = 'Z';
	*at++ = '\0';
	assert(at == out + FR_TIME_TEXT);
}

/* What is left to read; every step moves it on and fails for good once something does not fit. */
struct reader {
	const char *at;
	const char *end;
	bool failed;
};

static char reader_peek(const struct reader *reader)
{
	return reader->at < reader->end ? *reader->at : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int reader_number(struct reader *reader, int digits, int least, int most)
{
	int value = 0;

	while (digits-- > 0) {
		if (!is_digit(reader_peek(reader))) {
			reader->failed = true;
			return least;
		}
		value = value * 10 + (*reader->at++ - '0');
	}
	if (value < least || value > most)
		reader->failed = true;
	return value;
}

static char reader_one_of(struct reader *reader, const char *allowed)
{
	char c = reader_peek(reader);

	for (; *allowed != '\0'; allowed++) {
		if (c == *allowed) {
			reader->at++;
			return c;
		}
	}
	reader->failed = true;
	return '\0';
}

static int64_t reader_fraction_us(struct reader *reader)
{
	int64_t scale = us_per_second;
	int64_t value = 0;

	if (reader_peek(reader) != '.')
		return 0;
	reader->at++;
	if (!is_digit(reader_peek(reader)))
		reader->failed = true;
	for (; is_digit(reader_peek(reader)); reader->at++) {
		scale /= 10; /* reaches 0 after the microseconds: the rest is cut off */
		value += (*reader->at - '0') * scale;
	}
	return value;
}

static int64_t reader_offset_seconds(struct reader *reader)
{
	char sign = reader_one_of(reader, "Zz+-");
	int64_t seconds;

	if (sign != '+' && sign != '-')
		return 0;
	seconds = reader_number(reader, 2, 0, 23) * 3600;
	(void)reader_one_of(reader, ":");
	seconds += reader_number(reader, 2, 0, 59) * 60;
	return sign == '-' ? -seconds : seconds;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static struct date reader_date(struct reader *reader)
{
	struct date date;

	date.year = reader_number(reader, 4, 1970, 9999);
	(void)reader_one_of(reader, "-");
	date.month = reader_number(reader, 2, 1, 12);
	(void)reader_one_of(reader, "-");
	if (reader->failed)
		return (struct date){1970, 1, 1};
	date.day = reader_number(reader, 2, 1, month_days(date.year, date.month));
	return date;
}

static int64_t reader_seconds(struct reader *reader)
{
	int64_t seconds = reader_number(reader, 2, 0, 23) * 3600;
	int last;

	(void)reader_one_of(reader, ":");
	seconds += reader_number(reader, 2, 0, 59) * 60;
	(void)reader_one_of(reader, ":");
	last = reader_number(reader, 2, 0, 60);
	return seconds + (last == 60 ? 59 : last);
}

bool fr_time_parse(const char *text, size_t length, int64_t *wall_us)
{
	struct reader reader = {.at = text, .end = text + length};
	struct date date = reader_date(&reader);
	int64_t seconds, fraction_us, result;

	(void)reader_one_of(&reader, "Tt ");
	seconds = reader_seconds(&reader);
	fraction_us = reader_fraction_us(&reader);
	seconds -= reader_offset_seconds(&reader);
	if (reader.failed || reader.at != reader.end)
		return false;
	result = (days_from_date(date) * 86400 + seconds) * us_per_second + fraction_us;
	if (result < 0 || result > latest_us)
		return false;
	*wall_us = result;
	return true;
}
