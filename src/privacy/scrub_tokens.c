/* Keys and tokens. An issuer's rule is a beginning, how many characters of which kind follow, and
 * what is put in its place; `issuers` has them all. A token that is cut off by the end of the text
 * is found by a shorter rest. Long random runs are taken for tokens of an issuer nobody told us of.
 *
 * What stays: hexadecimal (hashes), UUIDs, what ends in `=` or stands behind sha256- (digests), the
 * base64 of text and of known kinds of files; unless a word beside it says that it is a key.
 */
#include <string.h>

#include "privacy/scrub_parts.h"

enum {
	RANDOM_LEAST = 32,
	BASE64_LEAST = 60, /* with + and / in it; shorter ones are of small things */
	HEX_LEAST = 16,
	CUT_LEAST = 6,  /* of a token that the end of the text cuts off */
	PARTS_MOST = 8, /* of a web token: encrypted ones have five */
	WEBHOOK_MOST = 80,
	BODY_JUDGED = 256, /* so much of a token tells what it is */
	WORDS_MOST = 256,  /* of a run, that may begin a token */
	AROUND_MOST = 128,
	HEADER_MOST = 8192, /* of a web token */
	SMALL_BASE64 = 90,  /* padded: 64 bytes at most */
};

/* ---- issuers ---- */

enum body {
	BODY_ANY,     /* letters, digits, _ and - */
	BODY_ALNUM,   /* letters and digits */
	BODY_CAPITAL, /* capitals and digits */
	BODY_HEX,
	BODY_MIXED, /* as BODY_ANY, and it must look like a key: the beginning alone says little */
};

struct issuer {
	const char *begins;
	enum body body;
	size_t least;
	const char *put;
};

/* By their first letters. */
static const struct issuer issuers[] = {
	{"AGE-SECRET-KEY-1", BODY_CAPITAL, 50, "<age-key>"},
	{"AIza", BODY_ANY, 35, "<google-key>"},
	{"AKIA", BODY_CAPITAL, 16, "<aws-key>"},
	{"ASIA", BODY_CAPITAL, 16, "<aws-key>"},
	{"ATATT3", BODY_ANY, 60, "<atlassian-token>"},
	{"GOCSPX-", BODY_ANY, 28, "<google-key>"},
	{"NRAK-", BODY_CAPITAL, 27, "<newrelic-key>"},
	{"PMAK-", BODY_ANY, 40, "<postman-key>"},
	{"SK", BODY_HEX, 32, "<twilio-key>"},
	{"dapi", BODY_HEX, 32, "<databricks-token>"},
	{"dckr_pat_", BODY_ANY, 20, "<docker-token>"},
	{"doo_v1_", BODY_HEX, 64, "<digitalocean-token>"},
	{"dop_v1_", BODY_HEX, 64, "<digitalocean-token>"},
	{"dp.pt.", BODY_ALNUM, 40, "<doppler-token>"},
	{"figd_", BODY_ANY, 30, "<figma-token>"},
	{"gho_", BODY_ALNUM, 30, "<github-token>"},
	{"ghp_", BODY_ALNUM, 30, "<github-token>"},
	{"ghr_", BODY_ALNUM, 30, "<github-token>"},
	{"ghs_", BODY_ALNUM, 30, "<github-token>"},
	{"ghu_", BODY_ALNUM, 30, "<github-token>"},
	{"github_pat_", BODY_ANY, 40, "<github-token>"},
	{"glagent-", BODY_ANY, 20, "<gitlab-token>"},
	{"glc_", BODY_MIXED, 30, "<grafana-token>"},
	{"glcbt-", BODY_ANY, 20, "<gitlab-token>"},
	{"gldt-", BODY_ANY, 20, "<gitlab-token>"},
	{"glft-", BODY_ANY, 20, "<gitlab-token>"},
	{"glpat-", BODY_ANY, 20, "<gitlab-token>"},
	{"glptt-", BODY_ANY, 20, "<gitlab-token>"},
	{"glrt-", BODY_ANY, 20, "<gitlab-token>"},
	{"glsa_", BODY_ANY, 30, "<grafana-token>"},
	{"glsoat-", BODY_ANY, 20, "<gitlab-token>"},
	{"gsk_", BODY_ALNUM, 40, "<groq-key>"},
	{"hf_", BODY_ALNUM, 30, "<huggingface-token>"},
	{"hvs.", BODY_ANY, 24, "<vault-token>"},
	{"lin_api_", BODY_ALNUM, 32, "<linear-key>"},
	{"npm_", BODY_ALNUM, 36, "<npm-token>"},
	{"pk_live_", BODY_ALNUM, 20, "<stripe-key>"},
	{"pk_test_", BODY_ALNUM, 20, "<stripe-key>"},
	{"pypi-", BODY_MIXED, 40, "<pypi-token>"},
	{"rk_live_", BODY_ALNUM, 20, "<stripe-key>"},
	{"rk_test_", BODY_ALNUM, 20, "<stripe-key>"},
	{"rubygems_", BODY_HEX, 48, "<rubygems-key>"},
	{"shpat_", BODY_HEX, 32, "<shopify-token>"},
	{"shpss_", BODY_HEX, 32, "<shopify-token>"},
	{"sk-ant-", BODY_ANY, 20, "<anthropic-key>"},
	{"sk-", BODY_MIXED, 20, "<openai-key>"},
	{"sk_live_", BODY_ALNUM, 20, "<stripe-key>"},
	{"sk_test_", BODY_ALNUM, 20, "<stripe-key>"},
	{"sntrys_", BODY_ANY, 30, "<sentry-token>"},
	{"sq0atp-", BODY_ANY, 22, "<square-token>"},
	{"sq0csp-", BODY_ANY, 43, "<square-token>"},
	{"whsec_", BODY_ALNUM, 24, "<stripe-key>"},
	{"xapp-", BODY_ANY, 20, "<slack-token>"},
	{"xoxa-", BODY_ANY, 10, "<slack-token>"},
	{"xoxb-", BODY_ANY, 10, "<slack-token>"},
	{"xoxe-", BODY_ANY, 10, "<slack-token>"},
	{"xoxe.", BODY_ANY, 10, "<slack-token>"},
	{"xoxo-", BODY_ANY, 10, "<slack-token>"},
	{"xoxp-", BODY_ANY, 10, "<slack-token>"},
	{"xoxr-", BODY_ANY, 10, "<slack-token>"},
	{"xoxs-", BODY_ANY, 10, "<slack-token>"},
	{"ya29.", BODY_ANY, 20, "<google-token>"},
};

enum { ISSUERS = sizeof issuers / sizeof issuers[0] };

void fr_scrub_issuers(struct fr_scrub *scrub)
{
	memset(scrub->issuers, ISSUERS, sizeof scrub->issuers);
	for (size_t i = ISSUERS; i > 0; i--)
		scrub->issuers[(unsigned char)issuers[i - 1].begins[0]] = (unsigned char)(i - 1);
}

static bool is_of_body(const struct fr_sight *sight, size_t at, enum body body)
{
	char c = fr_sight_char(sight, at);

	switch (body) {
	case BODY_ANY:
	case BODY_MIXED:
		return fr_sight_is(sight, at, FR_SCRUB_RUN);
	case BODY_ALNUM:
		return fr_sight_is(sight, at, FR_SCRUB_LETTER | FR_SCRUB_DIGIT);
	case BODY_CAPITAL:
		return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	case BODY_HEX:
		return fr_sight_is(sight, at, FR_SCRUB_HEX);
	}
	return false;
}

/* A cut one must look like a key: npm_config and sk-learn begin alike. */
static bool is_long_enough(const struct fr_sight *sight, const struct issuer *issuer, size_t from,
			   size_t to)
{
	struct fr_shape shape = fr_shape_of(sight->text + from, to - from);
	bool is_mixed = shape.digits > 0 && shape.uppers + shape.lowers > 0 && shape.changes >= 2;

	if (to - from >= issuer->least)
		return issuer->body != BODY_MIXED ||
		       (is_mixed && shape.uppers > 0 && shape.digits >= 2);
	return to == sight->length && to - from >= CUT_LEAST && is_mixed &&
	       (issuer->body != BODY_HEX || strlen(issuer->begins) > 3);
}

static bool issuer_matches(const struct fr_sight *sight, const struct issuer *issuer, size_t from,
			   struct fr_find *find)
{
	size_t body = from + strlen(issuer->begins), to = body;

	if (!fr_sight_says(sight, from, issuer->begins))
		return false;
	while (to - body < BODY_JUDGED && is_of_body(sight, to, issuer->body))
		to++;
	if ((issuer->body == BODY_CAPITAL || issuer->body == BODY_HEX) &&
	    fr_sight_is(sight, to, FR_SCRUB_LETTER | FR_SCRUB_DIGIT))
		return false;
	if (!is_long_enough(sight, issuer, body, to))
		return false;
	while (is_of_body(sight, to, issuer->body))
		to++;
	*find = (struct fr_find){from, to, issuer->put};
	return true;
}

/* ---- web tokens ---- */

static size_t run_end(const struct fr_sight *sight, size_t at)
{
	return fr_sight_skip(sight, at, FR_SCRUB_RUN);
}

/* header.payload.signature: base64 of `{"`, a dot and more of it. */
static bool is_web_token(const struct fr_sight *sight, size_t from, struct fr_find *find)
{
	size_t dot = from, to;

	if (!fr_sight_says(sight, from, "eyJ"))
		return false;
	while (dot - from < HEADER_MOST && fr_sight_is(sight, dot, FR_SCRUB_RUN))
		dot++;
	if (dot - from < 10 || fr_sight_char(sight, dot) != '.')
		return false;
	to = run_end(sight, dot + 1);
	if (to - dot - 1 < 10 && !fr_sight_says(sight, dot + 1, "eyJ") && to != sight->length)
		return false;
	for (unsigned parts = 2; parts < PARTS_MOST && fr_sight_char(sight, to) == '.' &&
				 fr_sight_is(sight, to + 1, FR_SCRUB_RUN);
	     parts++)
		to = run_end(sight, to + 1);
	*find = (struct fr_find){from, to, "<jwt>"};
	return true;
}

/* SG.<22>.<43> */
static bool is_sendgrid(const struct fr_sight *sight, size_t from, struct fr_find *find)
{
	size_t dot = from + 25, to;

	if (!fr_sight_says(sight, from, "SG.") || run_end(sight, from + 3) != dot ||
	    fr_sight_char(sight, dot) != '.')
		return false;
	to = run_end(sight, dot + 1);
	*find = (struct fr_find){from, to, "<sendgrid-key>"};
	return to - dot > 30 || to == sight->length;
}

bool fr_find_issued(const struct fr_sight *sight, size_t from, struct fr_find *find)
{
	char first = fr_sight_char(sight, from), second = fr_sight_char(sight, from + 1);
	size_t i = sight->scrub->issuers[(unsigned char)first];

	if (first == 'e' && second == 'y')
		return is_web_token(sight, from, find);
	for (; i < ISSUERS && issuers[i].begins[0] == first; i++)
		if (issuers[i].begins[1] == second &&
		    issuer_matches(sight, &issuers[i], from, find))
			return true;
	return first == 'S' && second == 'G' && is_sendgrid(sight, from, find);
}

/* ---- what surrounds a run ---- */

static bool is_glued(char c)
{
	return c == '-' || c == '_';
}

static bool are_hex(const struct fr_sight *sight, size_t at, size_t count)
{
	return fr_sight_skip(sight, at, FR_SCRUB_HEX) >= at + count;
}

/* Behind what the run has of an escape, a percent code or a colour: \n, \u000a, %3D, [31m. */
static size_t escape_end(const struct fr_sight *sight, size_t from)
{
	char sign = from > 0 ? sight->text[from - 1] : '\0', first = fr_sight_char(sight, from);
	size_t colour;

	if (sign == '%')
		return are_hex(sight, from, 2) ? from + 2 : from;
	if (sign == '\\' && first == 'u' && are_hex(sight, from + 1, 4))
		return from + 5;
	if (sign == '\\' && first == 'x' && are_hex(sight, from + 1, 2))
		return from + 3;
	if (sign == '\\')
		return from + 1;
	colour = fr_sight_skip(sight, from, FR_SCRUB_DIGIT);
	return (sign == '[' || sign == ';') && fr_sight_char(sight, colour) == 'm' ? colour + 1
										   : from;
}

/* ya29. and hvs. and SG. end in a dot, behind which the run begins. */
static bool find_dotted(const struct fr_sight *sight, size_t from, struct fr_find *find)
{
	size_t word = from, behind;

	if (from == 0 || sight->text[from - 1] != '.')
		return false;
	for (unsigned dots = 0; word > sight->floor && from - word < 30; word--) {
		if (sight->text[word - 1] == '.' && ++dots > 2)
			break;
		if (sight->text[word - 1] != '.' && !fr_sight_is(sight, word - 1, FR_SCRUB_RUN))
			break;
	}
	behind = escape_end(sight, word);
	for (; word < from; word++)
		if ((word == 0 || word == behind || !fr_sight_is(sight, word - 1, FR_SCRUB_RUN)) &&
		    fr_find_issued(sight, word, find) && find->to > from)
			return true;
	return false;
}

/* hooks.slack.com/services/T.../B.../<24> */
static bool find_webhook(const struct fr_sight *sight, size_t from, size_t to, struct fr_find *find)
{
	static const char host[] = "hooks.slack.com/";
	size_t least = from > WEBHOOK_MOST ? from - WEBHOOK_MOST : 0;

	if (from == 0 || sight->text[from - 1] != '/')
		return false;
	for (size_t at = from - 1; at > least && at > sight->floor; at--) {
		if (!fr_sight_is(sight, at, FR_SCRUB_RUN) && sight->text[at] != '/' &&
		    sight->text[at] != '.')
			return false;
		if (fr_sight_said(sight, at, host)) {
			*find = (struct fr_find){at, to, "<slack-webhook>"};
			return true;
		}
	}
	return false;
}

/* sha512-..., SHA256:... */
static bool is_digest(const struct fr_sight *sight, size_t from)
{
	static const char *const names[] = {"sha1", "sha256", "sha384", "sha512", "md5"};
	char sign = from > 0 ? sight->text[from - 1] : '\0';

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if ((sign == '-' || sign == ':' || sign == '=') &&
		    fr_sight_said(sight, from - 1, names[i]))
			return true;
		if (fr_sight_says(sight, from, names[i]) &&
		    fr_sight_char(sight, from + strlen(names[i])) == '-')
			return true;
	}
	return false;
}

/* ---- long random runs ---- */

/* The run with the + and / and what stands beyond them, as far as it tells what it is: base64 is
 * one thing. */
static struct fr_find base64_around(const struct fr_sight *sight, size_t from, size_t to)
{
	size_t run = from;

	while (from > sight->floor && run - from < AROUND_MOST &&
	       fr_sight_is(sight, from - 1, FR_SCRUB_BASE64))
		from--;
	for (run = to; to - run < AROUND_MOST && fr_sight_is(sight, to, FR_SCRUB_BASE64);)
		to++;
	return (struct fr_find){from, to, "<token>"};
}

/* A random run that no word explains. */
static bool find_long(const struct fr_sight *sight, size_t from, size_t to, struct fr_find *find)
{
	struct fr_find around = base64_around(sight, from, to);
	const char *base64 = sight->text + around.from;
	size_t length = around.to - around.from;

	if (is_digest(sight, around.from) || fr_is_base64_of_known(base64, length) ||
	    (fr_sight_char(sight, around.to) == '=' && length <= SMALL_BASE64))
		return false;
	if (memchr(base64, '+', length) == NULL)
		return to - from >= RANDOM_LEAST &&
		       !fr_is_base64_of_known(sight->text + from, to - from);
	around.to = fr_sight_skip(sight, around.to, FR_SCRUB_BASE64);
	*find = around;
	return length >= BASE64_LEAST;
}

static bool find_random(const struct fr_sight *sight, size_t from, size_t to, struct fr_find *find)
{
	const char *run = sight->text + from;
	size_t length = to - from;
	struct fr_shape shape = fr_shape_of(run, length);
	const char *put;

	if (fr_is_uuid(run, length))
		return false;
	*find = (struct fr_find){from, to, "<token>"};
	if (shape.hexes == length || fr_shape_is_random(&shape)) {
		put = length >= HEX_LEAST && shape.digits < length ? fr_word_beside(sight, from)
								   : NULL;
		if (put != NULL) {
			find->put = put;
			return true;
		}
	}
	return shape.hexes != length && fr_shape_is_random(&shape) &&
	       find_long(sight, from, to, find);
}

/* ---- runs ---- */

/* Between the dashes of a PEM block everything is secret, to its end or that of the text. */
static bool find_pem_from(const struct fr_sight *sight, size_t dashes, struct fr_find *find)
{
	static const char end[] = "-----END ";
	const char *text = sight->text;

	for (size_t at = dashes + 11; at < sight->length; at++) {
		const char *dash = memchr(text + at, '-', sight->length - at);

		if (dash == NULL)
			break;
		at = (size_t)(dash - text);
		if (!fr_sight_says(sight, at, end))
			continue;
		at += sizeof end - 1;
		while (at < sight->length && text[at] != '-' && text[at] != '\n')
			at++;
		*find = (struct fr_find){dashes, fr_sight_says(sight, at, "-----") ? at + 5 : at,
					 "<pem>"};
		return true;
	}
	*find = (struct fr_find){dashes, sight->length, "<pem>"};
	return true;
}

bool fr_find_pem(const struct fr_sight *sight, size_t letter_g, struct fr_find *find)
{
	static const char begin[] = "-----BEGIN ";

	return letter_g >= 7 && letter_g - 7 >= sight->floor &&
	       fr_sight_says(sight, letter_g - 7, begin) &&
	       find_pem_from(sight, letter_g - 7, find);
}

bool fr_find_token(const struct fr_sight *sight, size_t from, size_t to, struct fr_find *find)
{
	bool is_start = true;
	size_t words = 0, behind = escape_end(sight, from);

	if (to - from >= 10 && fr_find_pem(sight, to - 3, find))
		return true;
	for (size_t at = from; at < to; at++) {
		bool is_glue = is_glued(sight->text[at]);

		if ((is_start || at == behind) && !is_glue && words++ < WORDS_MOST &&
		    fr_find_issued(sight, at, find))
			return true;
		is_start = is_glue;
	}
	if (find_dotted(sight, from, find))
		return true;
	if (to - from < FR_SCRUB_RUN_LEAST)
		return false;
	return find_webhook(sight, from, to, find) || find_random(sight, from, to, find);
}
