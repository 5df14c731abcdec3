/* Keys by their issuers' rules, and what stands beside a word that says it is secret. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "unit/scrub_fixture.h"

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

static void keys_are_known_by_their_issuers_rules(void **state)
{
	struct fr_scrub *scrub = *state;
	char text[1024], expected[1024];

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		static const char *const frames[][2] = {{"", ""},
							{"failed with ", "."},
							{"[", "]"},
							{"x=", ", y"},
							{"my-", ""},
							{"https://x.io/", "/y"},
							{"\"", "\"\n"},
							{"out\\n", "\\n"},
							{"\\t", ""},
							{"a\\u000a", "\\"},
							{"\\x0a", "\\"},
							{"?u=a%3Fk%3D", "%26z"},
							{"\x1b[1;31m", "\x1b[0m"}};

		for (size_t j = 0; j < sizeof frames / sizeof frames[0]; j++) {
			if (strcmp(frames[j][0], "my-") == 0 && strchr(keys[i][0], '.') != NULL)
				continue;
			(void)snprintf(text, sizeof text, "%s%s%s", frames[j][0], keys[i][0],
				       frames[j][1]);
			(void)snprintf(expected, sizeof expected, "%s%s%s", frames[j][0],
				       keys[i][1], frames[j][1]);
			scrub_expect(scrub, text, expected);
		}
	}
}

static void the_name_of_a_file_may_begin_with_a_key(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub,
		     "AKIA"
		     "Q3EGRIZ7PLSM5TNV_accessKeys.csv",
		     "<aws-key>_accessKeys.csv");
	scrub_expect(scrub, "dapi" HEX32 "-2", "<databricks-token>-2");
	scrub_expect_kept(scrub, "AKIA"
				 "Q3EGRIZ7PLSM5TNVx9");
}

static void a_key_that_the_end_of_the_text_cuts_off_is_known_too(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub,
		     "denied: ghp_"
		     "a8Kd03Lm",
		     "denied: <github-token>");
	scrub_expect(scrub,
		     "denied: AKIA"
		     "Q3EGRI",
		     "denied: <aws-key>");
	scrub_expect(scrub,
		     "x sk-ant-"
		     "api03-x7Kd0",
		     "x <anthropic-key>");
	scrub_expect(scrub, "-----BEGIN RSA PRIVATE KEY-----\nMIIEow", "<pem>");
	scrub_expect(scrub,
		     "eyJ"
		     "hbGciOiJIUzI1NiJ9"
		     ".eyJ"
		     "zdW",
		     "<jwt>");
	scrub_expect_kept(scrub, "set npm_config");
	scrub_expect_kept(scrub, "import sk-learn");
	scrub_expect_kept(scrub, "npm_config_registry=http://x npm_lifecycle_event");
}

static void pem_blocks_are_taken_out_whole(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub,
		     "a -----BEGIN PRIVATE KEY-----\nMIIE\nabc=\n-----END PRIVATE KEY-----\nb",
		     "a <pem>\nb");
	scrub_expect(scrub, "x=-----BEGIN CERTIFICATE-----MIIE-----END CERTIFICATE-----,",
		     "x=<pem>,");
	scrub_expect_kept(scrub, "----- BEGIN -----");
	scrub_expect_kept(scrub, "--------------------------------------------");
}

/* Eight bytes are looked at together: whatever stands in front of the dashes, and wherever. */
static void a_pem_block_is_found_behind_whatever_is_glued_to_it(void **state)
{
	static const char *const glued[] = {"",
					    "n",
					    "\\n",
					    "key\\n",
					    "x-",
					    "averylongwordthatends",
					    "xoxb-"
					    "1234567890"};
	char text[256], expected[64];

	for (size_t i = 0; i < 8 * (sizeof glued / sizeof glued[0]); i++) {
		const char *glue = glued[i / 8];

		(void)snprintf(text, sizeof text,
			       "%.*s%s-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----.",
			       (int)(i % 8), "........", glue);
		(void)snprintf(expected, sizeof expected, "%.*s%s<pem>.", (int)(i % 8), "........",
			       strncmp(glue, "xoxb", 4) == 0 ? "<slack-token>" : glue);
		scrub_expect(*state, text, expected);
	}
}

static void schemes_of_authorization_hide_what_follows(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "Authorization: Bearer abc123def456", "Authorization: Bearer <token>");
	scrub_expect(scrub, "authorization: bearer abc123def456", "authorization: bearer <token>");
	scrub_expect(scrub,
		     "Authorization: Basic YWxpY2U6cGFzcw==", "Authorization: Basic <token>");
	scrub_expect(scrub, "-H 'Authorization: token " HEX32 "'",
		     "-H 'Authorization: token <token>'");
	scrub_expect(scrub, "sent Bearer x7Kd03Lm9Qz7 there", "sent Bearer <token> there");
	scrub_expect_kept(scrub, "Bearer of bad news");
	scrub_expect_kept(scrub, "Basic authentication");
	scrub_expect_kept(scrub, "Authorization: required");
}

static void beside_a_word_that_says_so_keys_and_passwords_are_taken_out(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "password=hunter2", "password=<password>");
	scrub_expect(scrub, "DB_PASSWORD: 'tr0ub4dor&3'", "DB_PASSWORD: '<password>&3'");
	scrub_expect(scrub, "{\"password\":\"hunter2!\"}", "{\"password\":\"<password>!\"}");
	scrub_expect(scrub, "{\\\"client_secret\\\": \\\"x7Kd03Lm9Qz7\\\"}",
		     "{\\\"client_secret\\\": \\\"<secret>\\\"}");
	scrub_expect(scrub, "api_key=" HEX32, "api_key=<key>");
	scrub_expect(scrub, "?token=" HEX32 "&x=1", "?token=<token>&x=1");
	scrub_expect(scrub, "the key is " HEX32, "the key is <key>");
	scrub_expect(scrub, "secret " HEX32, "secret <secret>");
	scrub_expect(scrub, "curl -u me:hunter2 https://x.io",
		     "curl -u <credentials> https://x.io");
	scrub_expect(scrub, "password: correcthorsebatterystaple", "password: <password>");
	scrub_expect(scrub, "?access_token=abcdEFGH1234ijkl5678 x", "?access_token=<token> x");
	scrub_expect_kept(scrub, "docker run -u 1000:1000 cache-key-" HEX32);
	scrub_expect_kept(scrub, "session " HEX32 " started");
	scrub_expect(scrub, "<apiKey>" HEX32 "</apiKey>", "<apiKey><key></apiKey>");
	scrub_expect_kept(scrub, "Bearer <token> " HEX32);
	scrub_expect(scrub, "--token " HEX32, "--token <token>");
	scrub_expect(scrub, "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY",
		     "aws_secret_access_key = <secret>");
	scrub_expect(scrub, "AccountKey=x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2JkL=;",
		     "AccountKey=<key>;");
	scrub_expect(scrub, "X-Amz-Signature=" HEX32 HEX32, "X-Amz-Signature=<signature>");
	scrub_expect_kept(scrub, "password: required, secret=$SECRET token=next_token() key=value");
	scrub_expect_kept(scrub, "token: expected ';' key=/usr/lib/x86_64-linux-gnu/libc.so.6");
	scrub_expect_kept(scrub, "primary_key=0123456789abcdef0123 public_key: " HEX32);
	scrub_expect_kept(scrub, "password=sha256 secrets: inherit keyboard=us");
	scrub_expect_kept(scrub, "key: 123e4567-e89b-12d3-a456-426614174000");
}

static void a_word_may_be_numbered_and_a_value_begin_with_a_sign(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "DB_PASSWORD1=hunter2xyz9", "DB_PASSWORD1=<password>");
	scrub_expect(scrub, "API_KEY_2=" HEX32, "API_KEY_2=<key>");
	scrub_expect(scrub, "password=$ummer2026! or /k3Yq9Zp1x",
		     "password=<password>! or /k3Yq9Zp1x");
	scrub_expect(scrub, "tokens: " HEX32 " keys=[" HEX32 "]", "tokens: <token> keys=[<key>]");
	scrub_expect_kept(scrub, "PASSWORD_1=$DB_PASSWORD_1 SECRET2=${X9} secret: decode64x(2)");
	scrub_expect_kept(scrub, "at 12:30:45 line_7: x keyboards=" HEX32);
}

static void long_random_runs_are_taken_for_tokens(void **state)
{
	struct fr_scrub *scrub = *state;

	scrub_expect(scrub, "id x7Kd03Lm9Qz7Xc5Vb2Nw4Er6Ty1Ui8Op0AsDfGh2 end", "id <token> end");
	scrub_expect(scrub, "x7Kd03Lm9Qz-Xc5Vb2Nw4Er_Ty1Ui8Op0AsDfGh2", "<token>");
	scrub_expect(scrub,
		     "https://hooks.slack.com/services/T0"
		     "ABCD123/B0EFGH456/x7Kd03Lm9Qz7Xc5Vb2Nw4Er6",
		     "https://hooks.slack.com/<slack-webhook>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_known_by_their_issuers_rules),
		cmocka_unit_test(the_name_of_a_file_may_begin_with_a_key),
		cmocka_unit_test(a_key_that_the_end_of_the_text_cuts_off_is_known_too),
		cmocka_unit_test(pem_blocks_are_taken_out_whole),
		cmocka_unit_test(a_pem_block_is_found_behind_whatever_is_glued_to_it),
		cmocka_unit_test(schemes_of_authorization_hide_what_follows),
		cmocka_unit_test(beside_a_word_that_says_so_keys_and_passwords_are_taken_out),
		cmocka_unit_test(a_word_may_be_numbered_and_a_value_begin_with_a_sign),
		cmocka_unit_test(long_random_runs_are_taken_for_tokens),
	};

	return cmocka_run_group_tests(tests, scrub_set_up, scrub_tear_down);
}
