/* People and places, what stays, whole JSON values, the owner's patterns, and bounds of time. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "unit/scrub_fixture.h"

/* ---- people ---- */

static void the_home_and_the_login_are_taken_out_of_paths(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "/home/alice", "~");
	scrub_expect(scrub, "/home/alice/src/a.c:17", "~/src/a.c:17");
	scrub_expect(scrub, "cannot open /home/alice/.ssh/config: denied",
		     "cannot open ~/.ssh/config: denied");
	scrub_expect(scrub, "see /home/alice.", "see ~.");
	scrub_expect(scrub, "file:///home/alice/x", "file://~/x");
	scrub_expect(scrub, "\"/home/alice\"", "\"~\"");
	scrub_expect(scrub, "-I/home/alice/include", "-I/home/<user>/include");
	scrub_expect(scrub, "/mnt/home/alice/x", "/mnt/home/<user>/x");
	scrub_expect(scrub, "/var/spool/mail/alice", "/var/spool/mail/<user>");
	scrub_expect(scrub, "C:\\Users\\alice\\AppData", "C:\\Users\\<user>\\AppData");
	scrub_expect(scrub,
		     "/home/bob/x and /Us"
		     "ers/carol/y",
		     "/home/<user>/x and /Users/<user>/y");
	scrub_expect_kept(scrub, "/home/ and /Users/Shared/x");
	scrub_expect_kept(scrub, "/srv/alices-cakes/alice2/malice");
	scrub_expect_kept(scrub, "alice said so");
}

static void paths_inside_of_urls_are_paths(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "file%3A%2F%2F%2Fhome%2Falice%2Fsrc",
		     "file%3A%2F%2F%2Fhome%2F<user>%2Fsrc");
	scrub_expect(scrub, "?p=c%3a%5cUsers%5cb%20b%5cx&q=%2Fhome%2Fcarol&r=1",
		     "?p=c%3a%5cUsers%5c<user>%5cx&q=%2Fhome%2F<user>&r=1");
	scrub_expect(scrub, "?p=%2Fmnt%2Falice%22", "?p=%2Fmnt%2F<user>%22");
	scrub_expect(scrub, "?u=%26mail%3Dalice%40example.com%26", "?u=%26mail%3D<email>%26");
	scrub_expect_kept(scrub, "%2Fsrv%2Falices%2Fmalice %2Fhome%2F %2FUsers%2FShared%2Fx");
}

static void the_host_is_taken_out_of_paths(void **state)
{
	struct fr_scrub *scrub = *state;
	char host[256] = "", text[1024], expected[64];

	assert_int_equal(gethostname(host, sizeof host - 1), 0);
	host[strcspn(host, ".")] = '\0';
	if (strlen(host) < 2 || strcmp(host, "localhost") == 0)
		skip();
	(void)snprintf(text, sizeof text, "//%s/share, http://%s.local:80/", host, host);
	(void)snprintf(expected, sizeof expected, "//<host>/share, http://<host>.local:80/");
	scrub_expect(scrub, text, expected);
}

static void addresses_are_taken_out(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "alice@example.com", "<email>");
	scrub_expect(scrub, "From: Alice <alice.b+x@mail.example.co.uk>.",
		     "From: Alice <<email>>.");
	scrub_expect(scrub, "mailto:a_b%c@x-y.org?subject=hi", "mailto:<email>?subject=hi");
	scrub_expect(scrub, "a@b.io,c@d.io", "<email>,<email>");
	scrub_expect(scrub, "?to=alice%40example.com&x=100%25", "?to=<email>&x=100%25");
	scrub_expect_kept(scrub, "git@github.com:org/repo.git");
	scrub_expect_kept(scrub, "@types/node@18.0.0 left-pad@1.3.0-beta.rc x@latest");
	scrub_expect_kept(scrub,
			  "icon@2x.png getty@tty1.service printf@@GLIBC_2.2.5 render@app.js:10:3");
	scrub_expect_kept(scrub, "@ a@ @b.de me@localhost");
}

static void addresses_in_countries_named_like_files_are_taken_out(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "mail ana.petrovic@telekom.rs now", "mail <email> now");
	scrub_expect(scrub, "ana@empresa.py, a.b@firma.md c@x.sh d@corp.zip",
		     "<email>, <email> <email> <email>");
	scrub_expect_kept(scrub, "icon@2x.zip run@1.2.sh left-pad@3.rs");
}

static void addresses_beyond_ascii_are_taken_out_whole(void **state)
{
	struct fr_scrub *scrub = *state;
	char text[256];

	scrub_expect(scrub, "mail hans@m\xc3\xbcller.de", "mail <email>");
	scrub_expect(scrub, "mail j\xc3\xbcrgen.schmidt@example.com.", "mail <email>.");
	scrub_expect(scrub, "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@\xd0\xbf\xd0\xbe.\xd1\x80\xd1\x84, x",
		     "<email>, x");
	scrub_expect(scrub,
		     "\xe2\x80\x9c"
		     "a@b.de\xe2\x80\x9d \xc2\xab"
		     "a@b.de\xc2\xbb a@b.de\xe2\x80\xa6",
		     "\xe2\x80\x9c<email>\xe2\x80\x9d \xc2\xab<email>\xc2\xbb <email>\xe2\x80\xa6");
	scrub_expect(scrub, "a@b.de\xe8\xb0\xa2\xe8\xb0\xa2", "<email>\xe8\xb0\xa2\xe8\xb0\xa2");
	scrub_expect_kept(scrub, "\xc3\xa4 @ \xc3\xb6.\xc3\xbc \xe2\x80\xa6@x.de");
	for (size_t i = 0; i < 4; i++) { /* of a long one only the end, but whole characters */
		struct fr_buffer out;
		size_t length = 0;

		while (length < 180)
			length += (size_t)snprintf(text + length, sizeof text - length, "\xd0\xb6");
		(void)snprintf(text + length, sizeof text - length, "%.*s@b.de", (int)i, "abc");
		fr_buffer_init(&out, SCRUB_TEXT_MOST);
		assert_int_equal(fr_scrub_text(scrub, text, strlen(text), &out), FR_OK);
		assert_true(fr_utf8_is_valid(fr_buffer_text(&out), out.length));
		assert_null(strchr(fr_buffer_text(&out), '@'));
		fr_buffer_fini(&out);
	}
}

static void credentials_in_urls_are_taken_out(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "https://me:pass@example.com/x", "https://<credentials>@example.com/x");
	scrub_expect(scrub, "postgres://app:p@ss:w0rd@db:5432/x",
		     "postgres://<credentials>@db:5432/x");
	scrub_expect(scrub, "https://deadbeef@github.com/x", "https://<credentials>@github.com/x");
	scrub_expect(scrub, "GET https://me:s3cretpass", "GET https://<credentials>");
	scrub_expect_kept(scrub,
			  "ssh://git@github.com/x http://127.0.0.1:8080/@x http://localhost:65535");
	scrub_expect_kept(scrub, "std::vector<int> a ? b : c http:// ://@");
}

/* ---- what stays ---- */

static void what_developers_write_every_day_stays(void **state)
{
	static const char *const texts[] = {
		"commit 4a45188f0c1d2e3b4a5968778695a4b3c2d1e0ff",
		"sha256:" HEX32 HEX32,
		"sha512-"
		"x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2JkLzXcVbNm4Qw5Er6Ty7Ui8Op9As0Df1Gh2Jk3Lz4X"
		"c5Vg==",
		"SHA256:x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2JkL",
		"123e4567-e89b-12d3-a456-426614174000",
		"v1.2.3-rc.1+build.20260101 2026-11-22T08:35:00.123456Z",
		"at Object.<anonymous> (node:internal/modules/cjs/loader:1105:14)",
		"_ZN4core3fmt9Formatter12pad_integral17h0123456789abcdefE",
		"org.springframework.beans.factory.BeanCreationException: x",
		"/nix/store/s66mzxpvicwk07gjbjfw9izjfa797vsw-hello-2.12.1/bin/hello",
		"node_modules/.pnpm/@babel+core@7.21.0/node_modules/@babel/core/lib/index.js",
		"x86_64-unknown-linux-gnu aarch64-apple-darwin23.1.0",
		"aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBzbWFsbCB0aGluZw==",
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
		"flightrec_options_set_catalogue_json(options, json)",
		"SCREAMING_SNAKE_CASE_WITH_DIGITS_123 HTTPServerConnectionFactory2Impl",
		"my-app-7d4b9c6f5d-x2x9k web-65f8c9d7b4-abcde",
		"0x00007ffff7dd0000 0xdeadbeefcafebabe deadbeefdeadbeefdeadbeefdeadbeef",
		"key token secret password",
		"The quick brown fox; jumps over: the = lazy @ dog / \\ B G.",
		"",
	};
	struct fr_scrub *scrub = *state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		scrub_expect_kept(scrub, texts[i]);
}

/* ---- whole values ---- */

static void expect_json(const struct fr_scrub *scrub, const char *json, const char *expected)
{
	struct fr_buffer text;
	struct fr_error err = {FR_OK, ""};

	fr_buffer_init(&text, SCRUB_TEXT_MOST);
	fr_buffer_add_text(&text, json);
	assert_int_equal(fr_scrub_json(scrub, &text, &err), FR_OK);
	assert_string_equal(fr_buffer_text(&text), expected);
	assert_int_equal(fr_scrub_json(scrub, &text, &err), FR_OK);
	assert_string_equal(fr_buffer_text(&text), expected);
	fr_buffer_fini(&text);
}

static void every_string_value_at_any_depth_is_scrubbed_and_keys_stay(void **state)
{
	struct fr_scrub *scrub = *state;

	expect_json(scrub, "\"a\":1,\"b\":\"x\"", "\"a\":1,\"b\":\"x\"");
	expect_json(scrub, "\"path\":\"/home/alice/x\",\"n\":[1,{\"m\":[\"a@b.de\",null]}]",
		    "\"path\":\"~/x\",\"n\":[1,{\"m\":[\"<email>\",null]}]");
	expect_json(scrub, "\"ghp_" ALNUM36 "\":\"x\"", "\"ghp_" ALNUM36 "\":\"x\"");
	expect_json(scrub, "\"e\":\"line\\n\\\"/home/alice\\\"\\u0001\",\"n\":12345678901234567890",
		    "\"e\":\"line\\n\\\"~\\\"\\u0001\",\"n\":12345678901234567890");
	expect_json(scrub, "\"w\":\"C:\\\\Users\\\\alice\\\\x\"",
		    "\"w\":\"C:\\\\Users\\\\<user>\\\\x\"");
	expect_json(scrub, "\"e\":\"line\\nghp_" ALNUM36 "\"", "\"e\":\"line\\n<github-token>\"");
	expect_json(scrub, "", "");
}

static void a_key_says_what_its_value_is(void **state)
{
	struct fr_scrub *scrub = *state;

	expect_json(scrub, "\"password\":\"hunter2\",\"user\":\"hunter2\"",
		    "\"password\":\"<password>\",\"user\":\"hunter2\"");
	expect_json(scrub, "\"apiKey\":\"" HEX32 "\",\"commit\":\"" HEX32 "\"",
		    "\"apiKey\":\"<key>\",\"commit\":\"" HEX32 "\"");
	expect_json(scrub, "\"headers\":{\"Authorization\":\"Bearer abc123def456\"}",
		    "\"headers\":{\"Authorization\":\"Bearer <token>\"}");
	expect_json(scrub, "\"tokenCount\":\"12\",\"key\":\"Enter\",\"token\":\"identifier\"",
		    "\"tokenCount\":\"12\",\"key\":\"Enter\",\"token\":\"identifier\"");
}

/* Whatever a password is made of, the key says that it is one. */
static void the_whole_value_beside_a_strong_word_is_taken_out(void **state)
{
	static const char *const passwords[] = {
		"$ummer2026!", "/k3Yq9Zp1x", "Sommer(2026)!", "ab&Cdef123xyz", "x7 Tr0ub4dor3xx",
		"hunter2!",    "%x9Kd03L",   "<x9Kd03L>",     ".x9Kd03L",      "*x9Kd03L"};
	static const char *const kept[] = {
		"${DB_PASSWORD_1}", "$DB_PASSWORD_1",  "/run/secrets/db_1",
		"~/.pgpass1",       "../etc/secrets1", "must not be empty",
		"<password>",       "********",        "123e4567-e89b-12d3-a456-426614174000"};
	char json[256];

	for (size_t i = 0; i < sizeof passwords / sizeof passwords[0]; i++) {
		(void)snprintf(json, sizeof json, "\"password\":\"%s\"", passwords[i]);
		expect_json(*state, json, "\"password\":\"<password>\"");
	}
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		(void)snprintf(json, sizeof json, "\"password\":\"%s\"", kept[i]);
		expect_json(*state, json, json);
	}
	expect_json(*state, "\"secret\":\"ghp_" ALNUM36 "\"", "\"secret\":\"<github-token>\"");
	expect_json(*state, "\"secret\":\"ghp_" ALNUM36 " x\"", "\"secret\":\"<secret>\"");
}

static void numbered_words_and_plurals_say_the_same(void **state)
{
	expect_json(*state, "\"apiKeys\":[\"" HEX32 "\",\"" HEX32 "\"],\"n\":\"" HEX32 "\"",
		    "\"apiKeys\":[\"<key>\",\"<key>\"],\"n\":\"" HEX32 "\"");
	expect_json(*state, "\"tokens\":[\"" HEX32 "\"],\"api_key_2\":\"" HEX32 "\"",
		    "\"tokens\":[\"<token>\"],\"api_key_2\":\"<key>\"");
	expect_json(*state, "\"passwords\":[\"hunter2\"],\"public_keys\":[\"" HEX32 "\"]",
		    "\"passwords\":[\"<password>\"],\"public_keys\":[\"" HEX32 "\"]");
}

static void a_line_is_scrubbed_in_its_place_and_cut_between_characters(void **state)
{
	struct fr_scrub *scrub = *state;
	char line[24] = "a@b.de \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
	     clean[] = "nothing";

	fr_scrub_line(scrub, line, sizeof line);
	assert_string_equal(line,
			    "<email> \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
	fr_scrub_line(scrub, clean, sizeof clean);
	assert_string_equal(clean, "nothing");
}

/* ---- the owner's patterns ---- */

static void patterns_of_the_owner_are_taken_out(void **state)
{
	static const char *const patterns[] = {"ACME-*-END", "ticket-????", "internal.example.com"};
	struct fr_scrub *scrub = scrub_with(patterns, 3);

	(void)state;
	scrub_expect(scrub, "x ACME-17-END, ACME-x", "x <scrubbed>, ACME-x");
	scrub_expect(scrub, "ACME-a b-END", "ACME-a b-END");
	scrub_expect(scrub,
		     "see ticket-12\xc3\xa4"
		     "4 and ticket-1",
		     "see <scrubbed> and ticket-1");
	scrub_expect(scrub, "https://internal.example.com/x", "https://<scrubbed>/x");
	scrub_expect(scrub, "averyveryverylongwordwithinternal.example.com",
		     "averyveryverylongwordwith<scrubbed>");
	fr_scrub_free(scrub);
}

static void what_is_no_pattern_is_refused_with_words(void **state)
{
	static const char *const bad[][2] = {
		{"", "begins with"},
		{"*abc", "begins with"},
		{"a*", "at least 3"},
		{"<abc>", "begin with <"},
		{"abc*d*e*f*g*", "at most 4 stars"},
	};
	struct fr_error err = {FR_OK, ""};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(fr_scrub_pattern_check(bad[i][0], strlen(bad[i][0]), &err),
				 FR_INVALID);
		assert_non_null(strstr(err.text, bad[i][1]));
	}
	assert_int_equal(fr_scrub_pattern_check("abc*def?", 8, &err), FR_OK);
}

/* ---- bounds ---- */

/* Each of these would take minutes if any part were looked at again and again. */
static void no_text_takes_long(void **state)
{
	static const char *const parts[] = {
		"a",     "-",  "sk-",     "eyJ-",   "key=", "@a.",   "://a", "-----BEGIN ",
		"/home", "=:", "Bearer ", "ghp_a1", "a1B2", "ACME-", "SG.a", "\\\\"};
	static const char *const patterns[] = {"ACME-*A*B*C", "aaa*b"};
	struct fr_scrub *scrub = scrub_with(patterns, 2);
	char *text = malloc(SCRUB_TEXT_MOST + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		size_t part = strlen(parts[i]), length = 0;
		struct fr_buffer out;

		for (; length + part <= SCRUB_TEXT_MOST / 4; length += part)
			memcpy(text + length, parts[i], part);
		fr_buffer_init(&out, FR_SCRUB_GROWTH * SCRUB_TEXT_MOST);
		assert_int_not_equal(fr_scrub_text(scrub, text, length, &out), FR_NOMEM);
		assert_int_equal(out.status, FR_OK);
		fr_buffer_fini(&out);
	}
	free(text);
	fr_scrub_free(scrub);
}

static clock_t time_of(const struct fr_scrub *scrub, const char *text, size_t length)
{
	clock_t best = 0;

	for (unsigned round = 0; round < 3; round++) {
		clock_t begin = clock(), took;
		struct fr_buffer out;

		fr_buffer_init(&out, FR_SCRUB_GROWTH * SCRUB_TEXT_MOST);
		(void)fr_scrub_text(scrub, text, length, &out);
		fr_buffer_fini(&out);
		took = clock() - begin;
		best = round == 0 || took < best ? took : best;
	}
	return best;
}

/* Eight times as much text takes about eight times as long; 64 times would be its square. */
static void time_is_in_proportion_to_the_text(void **state)
{
	static const char *const parts[] = {"aB3dE6gH9jK2mN5pQ/", "aB3dE6gH9jK2mN5pQ-",
					    "0f1e2d3c4b5a6978/",  "eyJ-a-",
					    "ghp_" ALNUM36 "-",   "eyJ-ghp_" ALNUM36 "-"};
	const size_t most = SCRUB_TEXT_MOST / 4;
	char *text = malloc(most + 64);

	assert_non_null(text);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		size_t part = strlen(parts[i]);
		clock_t little, much;

		for (size_t length = 0; length < most; length += part)
			memcpy(text + length, parts[i], part);
		little = time_of(*state, text, most / 8);
		much = time_of(*state, text, most);
		if (much > 24 * (little + CLOCKS_PER_SEC / 1000))
			fail_msg("%s: %ld, and %ld for eight times as much", parts[i], (long)little,
				 (long)much);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_home_and_the_login_are_taken_out_of_paths),
		cmocka_unit_test(paths_inside_of_urls_are_paths),
		cmocka_unit_test(the_host_is_taken_out_of_paths),
		cmocka_unit_test(addresses_are_taken_out),
		cmocka_unit_test(addresses_in_countries_named_like_files_are_taken_out),
		cmocka_unit_test(addresses_beyond_ascii_are_taken_out_whole),
		cmocka_unit_test(credentials_in_urls_are_taken_out),
		cmocka_unit_test(what_developers_write_every_day_stays),
		cmocka_unit_test(every_string_value_at_any_depth_is_scrubbed_and_keys_stay),
		cmocka_unit_test(a_key_says_what_its_value_is),
		cmocka_unit_test(the_whole_value_beside_a_strong_word_is_taken_out),
		cmocka_unit_test(numbered_words_and_plurals_say_the_same),
		cmocka_unit_test(a_line_is_scrubbed_in_its_place_and_cut_between_characters),
		cmocka_unit_test(patterns_of_the_owner_are_taken_out),
		cmocka_unit_test(what_is_no_pattern_is_refused_with_words),
		cmocka_unit_test(no_text_takes_long),
		cmocka_unit_test(time_is_in_proportion_to_the_text),
	};

	return cmocka_run_group_tests(tests, scrub_set_up, scrub_tear_down);
}
