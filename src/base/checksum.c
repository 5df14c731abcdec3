/* The happy path: four lanes take 32 bytes at a time, are merged into one, which takes the rest in
 * steps of 8, 4 and 1 and is stirred at the end. The names are those of the specification.
 */
#include "base/checksum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PRIME_1 UINT64_C(0x9e3779b185ebca87)
#define PRIME_2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define PRIME_3 UINT64_C(0x165667b19e3779f9)
#define PRIME_4 UINT64_C(0x85ebca77c2b2ae63)
#define PRIME_5 UINT64_C(0x27d4eb2f165667c5)

enum { LANES = 4, STRIPE_BYTES = LANES * 8 };

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static uint64_t read_8(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

static uint64_t read_4(const unsigned char *at)
{
	return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
	       (uint64_t)at[3] << 24;
}

static uint64_t round_of(uint64_t lane, uint64_t word)
{
	return rotate(lane + word * PRIME_2, 31) * PRIME_1;
}

/* All whole stripes; moves *at behind them. */
static uint64_t take_stripes(const unsigned char **at, size_t stripes)
{
	uint64_t lanes[LANES] = {PRIME_1 + PRIME_2, PRIME_2, 0, 0 - PRIME_1};
	uint64_t sum;

	for (; stripes > 0; stripes--, *at += STRIPE_BYTES)
		for (size_t i = 0; i < LANES; i++)
			lanes[i] = round_of(lanes[i], read_8(*at + 8 * i));
	sum = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) +
	      rotate(lanes[3], 18);
	for (size_t i = 0; i < LANES; i++)
		sum = (sum ^ round_of(0, lanes[i])) * PRIME_1 + PRIME_4;
	return sum;
}

static uint64_t take_rest(uint64_t sum, const unsigned char *at, size_t length)
{
	for (; length >= 8; length -= 8, at += 8)
		sum = rotate(sum ^ round_of(0, read_8(at)), 27) * PRIME_1 + PRIME_4;
	for (; length >= 4; length -= 4, at += 4)
		sum = rotate(sum ^ (read_4(at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
	for (; length > 0; length--, at++)
		sum = rotate(sum ^ (*at * PRIME_5), 11) * PRIME_1;
	return sum;
}

uint64_t fr_checksum(const void *data, size_t length)
{
	const unsigned char *at = data;
	uint64_t sum = PRIME_5;

	if (length >= STRIPE_BYTES)
		sum = take_stripes(&at, length / STRIPE_BYTES);
	sum = take_rest(sum + length, at, length % STRIPE_BYTES);
	sum = (sum ^ sum >> 33) * PRIME_2;
	sum = (sum ^ sum >> 29) * PRIME_3;
	return sum ^ sum >> 32;
}

void fr_checksum_hex(char out[FR_CHECKSUM_HEX], const void *data, size_t length)
{
	(void)snprintf(out, FR_CHECKSUM_HEX, "%016" PRIx64, fr_checksum(data, length));
}
