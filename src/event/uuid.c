#include "event/uuid.h"

enum { UUID_BYTES = 16 };

static const char digits[] = "0123456789abcdef";

static bool is_dash_at(int position)
{
	return position == 8 || position == 13 || position == 18 || position == 23;
}

static void uuid_format(char out[FR_UUID_TEXT], unsigned char bytes[UUID_BYTES], unsigned version)
{
	int at = 0;
	int i;

	bytes[6] = (unsigned char)(version << 4 | (bytes[6] & 0x0f));
	bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));
	for (i = 0; i < UUID_BYTES; i++) {
		if (is_dash_at(at))
			out[at++] = '-';
		out[at++] = digits[bytes[i] >> 4];
		out[at++] = digits[bytes[i] & 0x0f];
	}
	out[at] = '\0';
}

enum fr_status fr_uuid7(char out[FR_UUID_TEXT], const struct fr_env *env, int64_t wall_us,
			struct fr_error *err)
{
	uint64_t ms = wall_us > 0 ? (uint64_t)wall_us / 1000 : 0;
	unsigned char bytes[UUID_BYTES];
	int i;

	if (fr_env_random(env, bytes + 6, sizeof bytes - 6) != FR_OK)
		return fr_fail(err, FR_IO, "the system gives no random bytes");
	for (i = 5; i >= 0; i--) {
		bytes[i] = (unsigned char)(ms & 0xff);
		ms >>= 8;
	}
	uuid_format(out, bytes, 7);
	return FR_OK;
}

enum fr_status fr_uuid4(char out[FR_UUID_TEXT], const struct fr_env *env, struct fr_error *err)
{
	unsigned char bytes[UUID_BYTES];

	if (fr_env_random(env, bytes, sizeof bytes) != FR_OK)
		return fr_fail(err, FR_IO, "the system gives no random bytes");
	uuid_format(out, bytes, 4);
	return FR_OK;
}

bool fr_uuid_is_valid(const char *text)
{
	int at;

	for (at = 0; at < FR_UUID_TEXT - 1; at++) {
		char c = text[at];

		if (is_dash_at(at) ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return text[at] == '\0';
}
