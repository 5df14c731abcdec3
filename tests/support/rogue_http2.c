#include "support/rogue_http2.h"

#include <string.h>

enum {
	PREFACE_LENGTH = 24,
	FRAME_HEAD = 9,
	FRAME_MAX = 16384,
	DATA = 0,
	HEADERS = 1,
	RST_STREAM = 3,
	SETTINGS = 4,
	GOAWAY = 7,
	WINDOW_UPDATE = 8,
	ACK = 1,
	END_STREAM = 1,
	END_HEADERS = 4,
};

static bool read_whole(struct test_visit *visit, unsigned char *out, size_t length)
{
	while (length > 0) {
		size_t got = test_visit_read(visit, out, length);

		if (got == 0)
			return false;
		out += got;
		length -= got;
	}
	return true;
}

static void number_put(unsigned char *out, uint32_t number)
{
	out[0] = (unsigned char)(number >> 24);
	out[1] = (unsigned char)(number >> 16 & 0xff);
	out[2] = (unsigned char)(number >> 8 & 0xff);
	out[3] = (unsigned char)(number & 0xff);
}

static uint32_t number_get(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool frame_say(struct test_visit *visit, int type, int flags, uint32_t stream,
		      const void *payload, size_t length)
{
	unsigned char frame[FRAME_HEAD + 16] = {0};

	frame[2] = (unsigned char)length;
	frame[3] = (unsigned char)type;
	frame[4] = (unsigned char)flags;
	number_put(frame + 5, stream);
	if (length > 0)
		memcpy(frame + FRAME_HEAD, payload, length);
	return test_visit_say(visit, frame, FRAME_HEAD + length);
}

bool test_http2_begin(struct test_visit *visit)
{
	unsigned char preface[PREFACE_LENGTH];

	return read_whole(visit, preface, sizeof preface) &&
	       memcmp(preface, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", PREFACE_LENGTH) == 0 &&
	       frame_say(visit, SETTINGS, 0, 0, NULL, 0);
}

/* What was read may be sent again: of the stream, and of the connection. */
static void window_open(struct test_visit *visit, uint32_t stream, uint32_t length)
{
	unsigned char more[4];

	if (length == 0)
		return;
	number_put(more, length);
	(void)frame_say(visit, WINDOW_UPDATE, 0, 0, more, sizeof more);
	(void)frame_say(visit, WINDOW_UPDATE, 0, stream, more, sizeof more);
}

uint32_t test_http2_take(struct test_visit *visit)
{
	static unsigned char payload[FRAME_MAX];
	unsigned char head[FRAME_HEAD];

	while (read_whole(visit, head, sizeof head)) {
		uint32_t length = number_get(head) >> 8;
		uint32_t stream = number_get(head + 5) & 0x7fffffff;
		int type = head[3], flags = head[4];

		if (length > sizeof payload || !read_whole(visit, payload, length))
			return 0;
		if (type == SETTINGS && (flags & ACK) == 0)
			(void)frame_say(visit, SETTINGS, ACK, 0, NULL, 0);
		if (type == DATA)
			window_open(visit, stream, length);
		if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
			atomic_fetch_add(&visit->tally->requests, 1);
			return stream;
		}
	}
	return 0;
}

void test_http2_answer(struct test_visit *visit, uint32_t stream)
{
	static const unsigned char status_200[] = {0x88}; /* of HPACK's own table */

	(void)frame_say(visit, HEADERS, END_HEADERS | END_STREAM, stream, status_200,
			sizeof status_200);
}

void test_http2_reset(struct test_visit *visit, uint32_t stream, uint32_t why)
{
	unsigned char code[4];

	number_put(code, why);
	(void)frame_say(visit, RST_STREAM, 0, stream, code, sizeof code);
}

void test_http2_goodbye(struct test_visit *visit, uint32_t last, uint32_t why)
{
	unsigned char words[8];

	number_put(words, last);
	number_put(words + 4, why);
	(void)frame_say(visit, GOAWAY, 0, 0, words, sizeof words);
}
