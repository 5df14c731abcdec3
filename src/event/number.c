/* A number is read as 0.d1 d2 d3... times a power of ten, without moving its digits: where they
 * begin, where they end, and the power. Numbers of one sign then compare by power, and only with
 * equal powers digit by digit.
 */
#include "event/number.h"

#include <assert.h>
#include <stdint.h>

#define POWER_MOST INT64_C(1000000000000000000)

struct decimal {
	bool is_negative;
	bool is_zero;
	const char *digits; /* the first that is not 0; a point may stand between them */
	const char *end;
	int64_t power; /* the value is 0.digits times ten to this */
};

/* What stands behind the e; an exponent past all reason is as good as the greatest. */
static int64_t exponent_read(const char *at, const char *end)
{
	bool is_negative = at < end && *at == '-';
	int64_t value = 0;

	if (at < end && (*at == '-' || *at == '+'))
		at++;
	for (; at < end; at++)
		if (value < POWER_MOST / 10)
			value = value * 10 + (*at - '0');
	return is_negative ? -value : value;
}

static struct decimal decimal_read(const char *text, size_t length)
{
	struct decimal number = {.is_zero = true, .end = text + length};
	const char *at = text, *stop = text + length;
	bool is_behind_point = false;

	assert(length > 0);
	if (*at == '-') {
		number.is_negative = true;
		at++;
	}
	for (; at < stop && *at != 'e' && *at != 'E'; at++) {
		if (*at == '.') {
			is_behind_point = true;
			continue;
		}
		if (number.is_zero && *at != '0') {
			number.is_zero = false;
			number.digits = at;
		}
		if (!number.is_zero && !is_behind_point)
			number.power++;
		else if (number.is_zero && is_behind_point)
			number.power--;
	}
	number.end = at;
	if (at < stop)
		number.power += exponent_read(at + 1, stop);
	return number;
}

/* The digit at `at`, which moves on; 0 behind the last one. */
static char digit_next(const struct decimal *number, const char **at)
{
	if (*at < number->end && **at == '.')
		(*at)++;
	return *at < number->end ? *(*at)++ : '0';
}

static int size_compare(const struct decimal *a, const struct decimal *b)
{
	const char *at_a = a->digits, *at_b = b->digits;

	if (a->power != b->power)
		return a->power < b->power ? -1 : 1;
	while (at_a < a->end || at_b < b->end) {
		char digit_a = digit_next(a, &at_a), digit_b = digit_next(b, &at_b);

		if (digit_a != digit_b)
			return digit_a < digit_b ? -1 : 1;
	}
	return 0;
}

static int sign_of(const struct decimal *number)
{
	if (number->is_zero)
		return 0;
	return number->is_negative ? -1 : 1;
}

int fr_number_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct decimal left = decimal_read(a, a_length), right = decimal_read(b, b_length);
	int sign = sign_of(&left);

	if (sign != sign_of(&right))
		return sign < sign_of(&right) ? -1 : 1;
	return sign == 0 ? 0 : sign * size_compare(&left, &right);
}

bool fr_number_is_whole(const char *text, size_t length)
{
	struct decimal number = decimal_read(text, length);
	const char *at = number.digits;
	int64_t place = 0, last = 0; /* of the last digit that is not 0 */

	if (number.is_zero)
		return true;
	while (at < number.end) {
		place++;
		if (digit_next(&number, &at) != '0')
			last = place;
	}
	return last <= number.power;
}
