#include "hostile_manners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/process.h"

int hostile_elsewhere;

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

enum { PIECE = 64 * 1024, GIGABYTE_PIECES = 16 * 1024, HEADERS = 10000, TRICKLE_MS = 1000 };

/* ---- silence ---- */

static void says_nothing(struct test_visit *visit)
{
	test_visit_stall(visit);
}

static void hangs_up_at_once(struct test_visit *visit)
{
	(void)visit;
}

static void hangs_up_after_the_request(struct test_visit *visit)
{
	(void)test_visit_take(visit);
}

static void say_after_request(struct test_visit *visit, const char *text)
{
	if (test_visit_take(visit))
		(void)test_visit_tell(visit, text);
}

static void hangs_up_in_the_status_line(struct test_visit *visit)
{
	say_after_request(visit, "HTTP/1.1 20");
}

static void hangs_up_in_the_headers(struct test_visit *visit)
{
	say_after_request(visit, OK_HEAD "Content-Type: text/pl");
}

static void trickle(struct test_visit *visit, const char *text)
{
	for (; *text != '\0'; text++) {
		if (!test_visit_say(visit, text, 1))
			return;
		test_sleep_ms(TRICKLE_MS);
	}
}

static void trickles_its_head(struct test_visit *visit)
{
	if (test_visit_take(visit))
		trickle(visit, OK_HEAD "Content-Length: 2\r\nX-And-So-On: 12345678\r\n\r\n{}");
}

static void trickles_its_body(struct test_visit *visit)
{
	if (test_visit_take(visit) &&
	    test_visit_tell(visit, OK_HEAD "Content-Length: 1000\r\n\r\n"))
		trickle(visit, "{                                                               }");
}

/* ---- no HTTP ---- */

static void greets_like_ssh(struct test_visit *visit)
{
	(void)test_visit_tell(visit, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
	test_visit_stall(visit);
}

static void alerts_like_tls(struct test_visit *visit)
{
	(void)test_visit_take(visit);
	(void)test_visit_say(visit, "\x15\x03\x01\x00\x02\x02\x28", 7);
}

static void answers_with_a_page_and_no_head(struct test_visit *visit)
{
	say_after_request(visit, "<html><body>Welcome</body></html>\n");
}

/* ---- too much ---- */

static void pour(struct test_visit *visit, const char *head, size_t pieces)
{
	static char piece[PIECE];

	memset(piece, 'x', sizeof piece);
	if (!test_visit_take(visit) || !test_visit_tell(visit, head))
		return;
	while (pieces-- > 0 && test_visit_say(visit, piece, sizeof piece))
		;
}

void hostile_flood(struct test_visit *visit)
{
	pour(visit, OK_HEAD "\r\n", SIZE_MAX);
}

void hostile_gigabyte(struct test_visit *visit)
{
	pour(visit, OK_HEAD "Content-Length: 1073741824\r\n\r\n", GIGABYTE_PIECES);
}

static void fails_at_great_length(struct test_visit *visit)
{
	pour(visit, "HTTP/1.1 500 Oh\r\nContent-Length: 1073741824\r\n\r\n", GIGABYTE_PIECES);
}

/* The first bytes of a gzip of a gigabyte of zeros, and the same again and again. */
void hostile_bomb(struct test_visit *visit)
{
	static const unsigned char head[] = {0x1f, 0x8b, 8,    0,    0,    0,    0,    0, 2,
					     3,    0xec, 0xc1, 0x01, 0x0d, 0,    0,    0, 0xc2,
					     0xa0, 0xf7, 0x4f, 0x6d, 0x0e, 0x37, 0xa0, 0, 0};
	static char zeros[PIECE];

	if (!test_visit_take(visit) ||
	    !test_visit_tell(visit, OK_HEAD "Content-Encoding: gzip\r\n"
					    "Content-Length: 1000000\r\n\r\n"))
		return;
	(void)test_visit_say(visit, head, sizeof head);
	for (int i = 0; i < 16 && test_visit_say(visit, zeros, sizeof zeros); i++)
		;
}

void hostile_headers(struct test_visit *visit)
{
	char line[64];

	if (!test_visit_take(visit) || !test_visit_tell(visit, OK_HEAD))
		return;
	for (int i = 0; i < HEADERS; i++) {
		(void)snprintf(line, sizeof line, "X-Header-%d: 0123456789\r\n", i);
		if (!test_visit_tell(visit, line))
			return;
	}
	(void)test_visit_tell(visit, "\r\n");
}

static void has_a_header_of_many_kilobytes(struct test_visit *visit)
{
	static char value[PIECE];

	memset(value, 'v', sizeof value);
	say_after_request(visit, OK_HEAD "X-Long: ");
	(void)test_visit_say(visit, value, sizeof value);
	(void)test_visit_tell(visit, "\r\nContent-Length: 0\r\n\r\n");
}

void hostile_interims(struct test_visit *visit)
{
	if (!test_visit_take(visit))
		return;
	while (test_visit_tell(visit, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"))
		;
}

/* ---- lies and nonsense ---- */

static void has_a_nul_in_a_header(struct test_visit *visit)
{
	static const char answer[] = OK_HEAD "X-Nul: a\0b\r\nContent-Length: 0\r\n\r\n";

	if (test_visit_take(visit))
		(void)test_visit_say(visit, answer, sizeof answer - 1);
}

static void smuggles_a_second_head_into_a_header(struct test_visit *visit)
{
	say_after_request(visit, "HTTP/1.1 503 Busy\r\nX-A: b\rHTTP/1.1 200 OK\r"
				 "Content-Length: 0\r\r\nContent-Length: 0\r\n\r\n");
}

static void promises_less_than_it_says(struct test_visit *visit)
{
	say_after_request(visit, OK_HEAD "Content-Length: 2\r\n\r\n{}HTTP/1.1 400 No\r\n"
					 "Content-Length: 0\r\n\r\n");
	test_visit_stall(visit);
}

static void promises_more_than_it_says(struct test_visit *visit)
{
	say_after_request(visit, OK_HEAD "Content-Length: 500\r\n\r\n{\"accepted\":");
}

static void promises_less_than_nothing(struct test_visit *visit)
{
	say_after_request(visit, OK_HEAD "Content-Length: -5\r\n\r\n");
}

static void chunks_make_no_sense(struct test_visit *visit)
{
	say_after_request(visit, OK_HEAD "Transfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n");
}

static void chunks_are_beyond_counting(struct test_visit *visit)
{
	say_after_request(visit, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
					 "FFFFFFFFFFFFFFFFF\r\n{}\r\n");
}

static void has_a_status_of_five_digits(struct test_visit *visit)
{
	say_after_request(visit, "HTTP/1.1 20000 OK\r\nContent-Length: 0\r\n\r\n");
}

static void has_a_status_of_letters(struct test_visit *visit)
{
	say_after_request(visit, "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n");
}

/* ---- captive portals ---- */

static void portal_says_200(struct test_visit *visit)
{
	say_after_request(visit, OK_HEAD "Content-Type: text/html\r\nContent-Length: 15\r\n\r\n"
					 "<html>log in!\r\n");
	test_visit_stall(visit);
}

static void portal_redirects(struct test_visit *visit)
{
	char answer[256];

	(void)snprintf(answer, sizeof answer,
		       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/login\r\n"
		       "Content-Length: 0\r\n\r\n",
		       hostile_elsewhere);
	say_after_request(visit, answer);
}

static void portal_says_511(struct test_visit *visit)
{
	say_after_request(visit, "HTTP/1.1 511 Network Authentication Required\r\n"
				 "Content-Length: 0\r\n\r\n");
}

void hostile_not(struct test_visit *visit)
{
	while (test_visit_take(visit) &&
	       test_visit_tell(visit, OK_HEAD "Content-Length: 0\r\n\r\n"))
		;
}

const struct hostile_manner hostile_manners[] = {
	{"says_nothing", says_nothing, "ambiguous"},
	{"hangs_up_at_once", hangs_up_at_once, "ambiguous"},
	{"hangs_up_after_the_request", hangs_up_after_the_request, "ambiguous"},
	{"hangs_up_in_the_status_line", hangs_up_in_the_status_line, "ambiguous"},
	{"hangs_up_in_the_headers", hangs_up_in_the_headers, "ambiguous"},
	{"trickles_its_head", trickles_its_head, "ambiguous"},
	{"trickles_its_body", trickles_its_body, NULL},
	{"greets_like_ssh", greets_like_ssh, "ambiguous"},
	{"alerts_like_tls", alerts_like_tls, "ambiguous"},
	{"answers_with_a_page", answers_with_a_page_and_no_head, "ambiguous"},
	{"flood", hostile_flood, NULL},
	{"gigabyte", hostile_gigabyte, NULL},
	{"fails_at_great_length", fails_at_great_length, "server"},
	{"bomb", hostile_bomb, NULL},
	{"headers", hostile_headers, "ambiguous"},
	{"long_header", has_a_header_of_many_kilobytes, "ambiguous"},
	{"interims", hostile_interims, "ambiguous"},
	{"nul_in_a_header", has_a_nul_in_a_header, "ambiguous"},
	{"smuggles_a_head", smuggles_a_second_head_into_a_header, "overloaded"},
	{"promises_less", promises_less_than_it_says, NULL},
	{"promises_more", promises_more_than_it_says, NULL},
	{"less_than_nothing", promises_less_than_nothing, "ambiguous"},
	{"chunks_of_nonsense", chunks_make_no_sense, NULL},
	{"chunks_without_end", chunks_are_beyond_counting, NULL},
	{"status_20000", has_a_status_of_five_digits, "ambiguous"},
	{"status_of_letters", has_a_status_of_letters, "ambiguous"},
	{"portal_200", portal_says_200, "captive_portal"},
	{"portal_302", portal_redirects, "redirect"},
	{"portal_511", portal_says_511, "proxy"},
	{NULL, NULL, NULL},
};
