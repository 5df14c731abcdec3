/* What is taken out of text, and what stays. All secrets here are made up, and put together from
 * pieces, so that no scanner of repositories takes them for real ones.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "privacy/scrub.h"

enum { TEXT_MOST = 1 << 20 };

static const char *variable(void *context, const char *name)
{
	(void)context;
	if (strcmp(name, "HOME") == 0)
		return "/home/alice";
	return strcmp(name, "USER") == 0 ? "alice" : NULL;
}

static struct fr_scrub *scrub_with(const char *const *patterns, size_t count)
{
	const struct fr_env env = {.variable = variable};
	const struct fr_scrub_rules rules = {&env, patterns, count};
	struct fr_error err = {FR_OK, ""};
	struct fr_scrub *scrub = NULL;

	assert_int_equal(fr_scrub_new(&scrub, &rules, &err), FR_OK);
	return scrub;
}

static int set_up(void **state)
{
	*state = scrub_with(NULL, 0);
	return 0;
}

static int tear_down(void **state)
{
	fr_scrub_free(*state);
	return 0;
}

/* The text as it is after scrubbing; scrubbing that again must change nothing. */
static void expect(const struct fr_scrub *scrub, const char *text, const char *expected)
{
	struct fr_buffer out, again;
	enum fr_status status;

	fr_buffer_init(&out, TEXT_MOST);
	fr_buffer_init(&again, TEXT_MOST);
	status = fr_scrub_text(scrub, text, strlen(text), &out);
	assert_true(status == FR_OK || status == FR_NONE);
	assert_string_equal(status == FR_OK ? fr_buffer_text(&out) : text, expected);
	if (status == FR_OK)
		assert_int_equal(fr_scrub_text(scrub, expected, strlen(expected), &again), FR_NONE);
	fr_buffer_fini(&out);
	fr_buffer_fini(&again);
}

static void expect_kept(const struct fr_scrub *scrub, const char *text)
{
	expect(scrub, text, text);
}

/* ---- people ---- */

static void the_home_and_the_login_are_taken_out_of_paths(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub, "/home/alice", "~");
	expect(scrub, "/home/alice/src/a.c:17", "~/src/a.c:17");
	expect(scrub, "cannot open /home/alice/.ssh/config: denied",
	       "cannot open ~/.ssh/config: denied");
	expect(scrub, "see /home/alice.", "see ~.");
	expect(scrub, "file:///home/alice/x", "file://~/x");
	expect(scrub, "\"/home/alice\"", "\"~\"");
	expect(scrub, "-I/home/alice/include", "-I/home/<user>/include");
	expect(scrub, "/mnt/home/alice/x", "/mnt/home/<user>/x");
	expect(scrub, "/var/spool/mail/alice", "/var/spool/mail/<user>");
	expect(scrub, "C:\\Users\\alice\\AppData", "C:\\Users\\<user>\\AppData");
	expect(scrub, "/home/bob/x and /Users/carol/y", "/home/<user>/x and /Users/<user>/y");
	expect_kept(scrub, "/home/ and /Users/Shared/x");
	expect_kept(scrub, "/srv/alices-cakes/alice2/malice");
	expect_kept(scrub, "alice said so");
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
	expect(scrub, text, expected);
}

static void addresses_are_taken_out(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub, "alice@example.com", "<email>");
	expect(scrub, "From: Alice <alice.b+x@mail.example.co.uk>.", "From: Alice <<email>>.");
	expect(scrub, "mailto:a_b%c@x-y.org?subject=hi", "mailto:<email>?subject=hi");
	expect(scrub, "a@b.io,c@d.io", "<email>,<email>");
	expect_kept(scrub, "git@github.com:org/repo.git");
	expect_kept(scrub, "@types/node@18.0.0 left-pad@1.3.0-beta.rc x@latest");
	expect_kept(scrub, "icon@2x.png getty@tty1.service printf@@GLIBC_2.2.5 render@app.js:10:3");
	expect_kept(scrub, "@ a@ @b.de me@localhost");
}

static void credentials_in_urls_are_taken_out(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub, "https://me:pass@example.com/x", "https://<credentials>@example.com/x");
	expect(scrub, "postgres://app:p@ss:w0rd@db:5432/x", "postgres://<credentials>@db:5432/x");
	expect(scrub, "https://deadbeef@github.com/x", "https://<credentials>@github.com/x");
	expect(scrub, "GET https://me:s3cretpass", "GET https://<credentials>");
	expect_kept(scrub,
		    "ssh://git@github.com/x http://127.0.0.1:8080/@x http://localhost:65535");
	expect_kept(scrub, "std::vector<int> a ? b : c http:// ://@");
}

/* ---- keys ---- */

#define HEX32              \
	"0f1e2d3c4b5a6978" \
	"8796a5b4c3d2e1f0"
#define ALNUM36            \
	"a8Kd03Lm9Qz7Xc5V" \
	"b2Nw4Er6Ty1Ui8Op0AsD"

static void keys_are_known_by_their_issuers_rules(void **state)
{
	static const char *const keys[][2] = {
		{"AKIA"
		 "Q3EGRIZ7PLSM5TNV",
		 "<aws-key>"},
		{"ASIA"
		 "Q3EGRIZ7PLSM5TNV",
		 "<aws-key>"},
		{"ghp_" ALNUM36, "<github-token>"},
		{"gho_" ALNUM36, "<github-token>"},
		{"ghu_" ALNUM36, "<github-token>"},
		{"ghs_" ALNUM36, "<github-token>"},
		{"ghr_" ALNUM36, "<github-token>"},
		{"github_pat_"
		 "11ABCDEFG0a1b2c3d4e5f6_" ALNUM36 "z9Y8x7W6v5U4t3S2r1Q0pon",
		 "<github-token>"},
		{"glpat-"
		 "x7Kd-3Lm9Qz_Xc5Vb2Nw",
		 "<gitlab-token>"},
		{"gldt-"
		 "x7Kd-3Lm9Qz_Xc5Vb2Nw",
		 "<gitlab-token>"},
		{"npm_" ALNUM36, "<npm-token>"},
		{"pypi-"
		 "AgEIcHlwaS5vcmcCJDAw" ALNUM36,
		 "<pypi-token>"},
		{"rubygems_" HEX32 "0123456789abcdef", "<rubygems-key>"},
		{"xoxb-"
		 "123456789012-1234567890123-"
		 "Ab3De5Gh7Jk9Mn1Pq3St5Vw7",
		 "<slack-token>"},
		{"xoxp-"
		 "123456789012-123456789012-" HEX32,
		 "<slack-token>"},
		{"xapp-"
		 "1-A0123456789-1234567890-" HEX32,
		 "<slack-token>"},
		{"AIza"
		 "SyD3x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8O",
		 "<google-key>"},
		{"ya29."
		 "a0AfB_byC3x7Kd03Lm9Qz7Xc5Vb2Nw4Er6",
		 "<google-token>"},
		{"GOCSPX-"
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1U",
		 "<google-key>"},
		{"sk-ant-"
		 "api03-x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0As-Df_GhAA",
		 "<anthropic-key>"},
		{"sk-"
		 "x7Kd03Lm9Qz7Xc5Vb2NwT3BlbkFJ4Er6Ty1Ui8Op0AsDfGh2",
		 "<openai-key>"},
		{"sk-proj-"
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2",
		 "<openai-key>"},
		{"sk_live_"
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4Er6",
		 "<stripe-key>"},
		{"rk_test_"
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4Er6",
		 "<stripe-key>"},
		{"whsec_"
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op",
		 "<stripe-key>"},
		{"hf_"
		 "xKdQLmWQzEXcRVbTNwYErUTyIUiOOpPAsD",
		 "<huggingface-token>"},
		{"SG."
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4E"
		 "."
		 "r6Ty1Ui8Op0AsDfGh2JkLzXcVbNm4Qw5Er6Ty7Ui8Op",
		 "<sendgrid-key>"},
		{"dop_v1_" HEX32 HEX32, "<digitalocean-token>"},
		{"shpat_" HEX32, "<shopify-token>"},
		{"SK" HEX32, "<twilio-key>"},
		{"dapi" HEX32, "<databricks-token>"},
		{"hvs."
		 "CAESIJx7Kd03Lm9Qz7Xc5Vb2Nw4Er6",
		 "<vault-token>"},
		{"glsa_"
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op_0a1b2c3d",
		 "<grafana-token>"},
		{"dckr_pat_"
		 "x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1",
		 "<docker-token>"},
		{"eyJ"
		 "hbGciOiJIUzI1NiJ9"
		 ".eyJ"
		 "zdWIiOiIxMjM0NTY3ODkwIn0"
		 "."
		 "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
		 "<jwt>"},
	};
	struct fr_scrub *scrub = *state;
	char text[1024], expected[1024];

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		static const char *const frames[][2] = {
			{"", ""},    {"failed with ", "."},   {"[", "]"},    {"x=", ", y"},
			{"my-", ""}, {"https://x.io/", "/y"}, {"\"", "\"\n"}};

		for (size_t j = 0; j < sizeof frames / sizeof frames[0]; j++) {
			if (strcmp(frames[j][0], "my-") == 0 && strchr(keys[i][0], '.') != NULL)
				continue;
			(void)snprintf(text, sizeof text, "%s%s%s", frames[j][0], keys[i][0],
				       frames[j][1]);
			(void)snprintf(expected, sizeof expected, "%s%s%s", frames[j][0],
				       keys[i][1], frames[j][1]);
			expect(scrub, text, expected);
		}
	}
}

static void a_key_that_the_end_of_the_text_cuts_off_is_known_too(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub,
	       "denied: ghp_"
	       "a8Kd03Lm",
	       "denied: <github-token>");
	expect(scrub,
	       "denied: AKIA"
	       "Q3EGRI",
	       "denied: <aws-key>");
	expect(scrub,
	       "x sk-ant-"
	       "api03-x7Kd0",
	       "x <anthropic-key>");
	expect(scrub, "-----BEGIN RSA PRIVATE KEY-----\nMIIEow", "<pem>");
	expect(scrub,
	       "eyJ"
	       "hbGciOiJIUzI1NiJ9"
	       ".eyJ"
	       "zdW",
	       "<jwt>");
	expect_kept(scrub, "set npm_config");
	expect_kept(scrub, "import sk-learn");
	expect_kept(scrub, "npm_config_registry=http://x npm_lifecycle_event");
}

static void pem_blocks_are_taken_out_whole(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub, "a -----BEGIN PRIVATE KEY-----\nMIIE\nabc=\n-----END PRIVATE KEY-----\nb",
	       "a <pem>\nb");
	expect(scrub, "x=-----BEGIN CERTIFICATE-----MIIE-----END CERTIFICATE-----,", "x=<pem>,");
	expect_kept(scrub, "----- BEGIN -----");
	expect_kept(scrub, "--------------------------------------------");
}

static void schemes_of_authorization_hide_what_follows(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub, "Authorization: Bearer abc123def456", "Authorization: Bearer <token>");
	expect(scrub, "authorization: bearer abc123def456", "authorization: bearer <token>");
	expect(scrub, "Authorization: Basic YWxpY2U6cGFzcw==", "Authorization: Basic <token>");
	expect(scrub, "-H 'Authorization: token " HEX32 "'", "-H 'Authorization: token <token>'");
	expect(scrub, "sent Bearer x7Kd03Lm9Qz7 there", "sent Bearer <token> there");
	expect_kept(scrub, "Bearer of bad news");
	expect_kept(scrub, "Basic authentication");
	expect_kept(scrub, "Authorization: required");
}

static void beside_a_word_that_says_so_keys_and_passwords_are_taken_out(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub, "password=hunter2", "password=<password>");
	expect(scrub, "DB_PASSWORD: 'tr0ub4dor&3'", "DB_PASSWORD: '<password>&3'");
	expect(scrub, "{\"password\":\"hunter2!\"}", "{\"password\":\"<password>!\"}");
	expect(scrub, "{\\\"client_secret\\\": \\\"x7Kd03Lm9Qz7\\\"}",
	       "{\\\"client_secret\\\": \\\"<secret>\\\"}");
	expect(scrub, "api_key=" HEX32, "api_key=<key>");
	expect(scrub, "?token=" HEX32 "&x=1", "?token=<token>&x=1");
	expect(scrub, "the key is " HEX32, "the key is <key>");
	expect(scrub, "secret " HEX32, "secret <secret>");
	expect(scrub, "--token " HEX32, "--token <token>");
	expect(scrub, "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY",
	       "aws_secret_access_key = <secret>");
	expect(scrub, "AccountKey=x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2JkL=;",
	       "AccountKey=<key>;");
	expect(scrub, "X-Amz-Signature=" HEX32 HEX32, "X-Amz-Signature=<signature>");
	expect_kept(scrub, "password: required, secret=$SECRET token=next_token() key=value");
	expect_kept(scrub, "token: expected ';' key=/usr/lib/x86_64-linux-gnu/libc.so.6");
	expect_kept(scrub, "primary_key=0123456789abcdef0123 public_key: " HEX32);
	expect_kept(scrub, "password=sha256 secrets: inherit keyboard=us");
	expect_kept(scrub, "key: 123e4567-e89b-12d3-a456-426614174000");
}

static void long_random_runs_are_taken_for_tokens(void **state)
{
	struct fr_scrub *scrub = *state;

	expect(scrub, "id x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2 end", "id <token> end");
	expect(scrub, "x7Kd03Lm9Qz-Xc5Vb2Nw4Er_Ty1Ui8Op0AsDfGh2", "<token>");
	expect(scrub,
	       "https://hooks.slack.com/services/T0"
	       "ABCD123/B0EFGH456/x7Kd03Lm9Qz7Xc5Vb2Nw4Er6",
	       "https://hooks.slack.com/<slack-webhook>");
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
		expect_kept(scrub, texts[i]);
}

/* ---- whole values ---- */

static void expect_json(const struct fr_scrub *scrub, const char *json, const char *expected)
{
	struct fr_buffer text;
	struct fr_error err = {FR_OK, ""};

	fr_buffer_init(&text, TEXT_MOST);
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
	expect(scrub, "x ACME-17-END, ACME-x", "x <scrubbed>, ACME-x");
	expect(scrub, "ACME-a b-END", "ACME-a b-END");
	expect(scrub,
	       "see ticket-12\xc3\xa4"
	       "4 and ticket-1",
	       "see <scrubbed> and ticket-1");
	expect(scrub, "https://internal.example.com/x", "https://<scrubbed>/x");
	expect(scrub, "averyveryverylongwordwithinternal.example.com",
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
	char *text = malloc(TEXT_MOST + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		size_t part = strlen(parts[i]), length = 0;
		struct fr_buffer out;

		for (; length + part <= TEXT_MOST / 4; length += part)
			memcpy(text + length, parts[i], part);
		fr_buffer_init(&out, FR_SCRUB_GROWTH * TEXT_MOST);
		assert_int_not_equal(fr_scrub_text(scrub, text, length, &out), FR_NOMEM);
		assert_int_equal(out.status, FR_OK);
		fr_buffer_fini(&out);
	}
	free(text);
	fr_scrub_free(scrub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_home_and_the_login_are_taken_out_of_paths),
		cmocka_unit_test(the_host_is_taken_out_of_paths),
		cmocka_unit_test(addresses_are_taken_out),
		cmocka_unit_test(credentials_in_urls_are_taken_out),
		cmocka_unit_test(keys_are_known_by_their_issuers_rules),
		cmocka_unit_test(a_key_that_the_end_of_the_text_cuts_off_is_known_too),
		cmocka_unit_test(pem_blocks_are_taken_out_whole),
		cmocka_unit_test(schemes_of_authorization_hide_what_follows),
		cmocka_unit_test(beside_a_word_that_says_so_keys_and_passwords_are_taken_out),
		cmocka_unit_test(long_random_runs_are_taken_for_tokens),
		cmocka_unit_test(what_developers_write_every_day_stays),
		cmocka_unit_test(every_string_value_at_any_depth_is_scrubbed_and_keys_stay),
		cmocka_unit_test(a_key_says_what_its_value_is),
		cmocka_unit_test(a_line_is_scrubbed_in_its_place_and_cut_between_characters),
		cmocka_unit_test(patterns_of_the_owner_are_taken_out),
		cmocka_unit_test(what_is_no_pattern_is_refused_with_words),
		cmocka_unit_test(no_text_takes_long),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
