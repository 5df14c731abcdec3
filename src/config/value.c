/* The happy path: the token is of a kind that the type takes, its text reads as one, and the number
 * lies between least and most. Each type is one row of rules.
 */
#include "config/value.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/suggest.h"
#include "event/draft.h"

enum { SHOWN_TEXT = 64 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

struct rule {
	const char *noun;
	const char *example; /* what would be right */
	bool is_text;        /* in quotes, and its bounds count bytes */
	bool takes_quotes, takes_number;
	bool (*read)(const char *text, int64_t *number); /* NULL: any text will do */
};

static size_t span(const char *text, const char *more)
{
	size_t length = 0;

	while (text[length] != '\0' &&
	       (strchr(letters, text[length]) != NULL || strchr(digits, text[length]) != NULL ||
		strchr(more, text[length]) != NULL))
		length++;
	return length;
}

/* Is it all letters, digits and these? */
static bool consists_of(const char *text, const char *more)
{
	return text[span(text, more)] == '\0';
}

static bool begins_with(const char *text, const char *set)
{
	return text[0] != '\0' && strchr(set, text[0]) != NULL;
}

static bool name_read(const char *text, int64_t *number)
{
	(void)number;
	return consists_of(text, "_.-") && !begins_with(text, "_.-");
}

static bool variable_read(const char *text, int64_t *number)
{
	(void)number;
	return consists_of(text, "_") && !begins_with(text, digits);
}

static bool table_read(const char *text, int64_t *number)
{
	size_t length = span(text, "_");

	(void)number;
	if (length == 0 || begins_with(text, digits))
		return false;
	if (text[length] == '\0')
		return true;
	text += length;
	return text[0] == '.' && text[1] != '\0' && consists_of(text + 1, "_") &&
	       !begins_with(text + 1, digits);
}

/* env:NAME, file:PATH, or anything else that is not one of them gone wrong. */
static bool secret_read(const char *text, int64_t *number)
{
	if (strncmp(text, "env:", 4) == 0)
		return text[4] != '\0' && variable_read(text + 4, number);
	return strcmp(text, "file:") != 0;
}

static bool count_read(const char *text, int64_t *number)
{
	bool is_negative = text[0] == '-';
	int64_t value = 0;

	if (is_negative)
		text++;
	if (text[0] == '\0' || strspn(text, digits) != strlen(text))
		return false;
	for (; *text != '\0'; text++) {
		int digit = *text - '0';

		if (value > (INT64_MAX - digit) / 10)
			value = INT64_MAX; /* out of any range there is */
		else
			value = value * 10 + digit;
	}
	*number = is_negative ? -value : value;
	return true;
}

static bool switch_read(const char *text, int64_t *number)
{
	*number = strcmp(text, "true") == 0;
	return *number == 1 || strcmp(text, "false") == 0;
}

static const struct rule rules[] = {
	[FR_TYPE_SECTION] = {.noun = "an object", .example = "{...}"},
	[FR_TYPE_SINKS] = {.noun = "a list of sinks", .example = "[{...}]"},
	[FR_TYPE_GLOBS] = {.noun = "a list of event names",
			   .example = "[\"tool_use_error\", \"api_*\"]"},
	[FR_TYPE_PATTERNS] = {.noun = "a list of patterns", .example = "[\"ACME-*\"]"},
	[FR_TYPE_HEADERS] = {.noun = "an object of headers",
			     .example = "{\"Authorization\": \"env:TOKEN\"}"},
	[FR_TYPE_TEXT] = {.noun = "a text", .example = "\"...\"", .is_text = true},
	[FR_TYPE_NAME] = {.noun = "a name",
			  .example = "letters, digits, _ . -",
			  .is_text = true,
			  .read = name_read},
	[FR_TYPE_VARIABLE] = {.noun = "a variable's name",
			      .example = "letters, digits, _",
			      .is_text = true,
			      .read = variable_read},
	[FR_TYPE_TABLE] = {.noun = "a table's name",
			   .example = "\"events\", \"telemetry.events\"",
			   .is_text = true,
			   .read = table_read},
	[FR_TYPE_PATH] = {.noun = "a path", .example = "\"/path/to/file\"", .is_text = true},
	[FR_TYPE_URL] = {.noun = "a URL", .example = "\"https://...\"", .is_text = true},
	[FR_TYPE_SECRET] = {.noun = "a secret",
			    .example = "\"env:NAME\", \"file:PATH\"",
			    .is_text = true,
			    .read = secret_read},
	[FR_TYPE_PROXY] = {.noun = "the URL of a proxy",
			   .example = "\"socks5h://127.0.0.1:1080\", \"env:NAME\"",
			   .is_text = true,
			   .read = secret_read},
	[FR_TYPE_WORD] = {.noun = "a word", .example = "", .takes_quotes = true},
	[FR_TYPE_SWITCH] = {.noun = "a switch", .example = "true, false", .read = switch_read},
	[FR_TYPE_COUNT] = {.noun = "a whole number",
			   .example = "digits, no quotes",
			   .takes_number = true,
			   .read = count_read},
	[FR_TYPE_SIZE] = {.noun = "a size",
			  .example = "\"4MiB\", \"512KiB\", 1000",
			  .takes_quotes = true,
			  .takes_number = true,
			  .read = fr_size_parse},
	[FR_TYPE_DURATION] = {.noun = "a duration",
			      .example = "\"15s\", \"500ms\", \"5m\"",
			      .takes_quotes = true,
			      .read = fr_duration_parse},
};

const char *fr_type_noun(enum fr_key_type type)
{
	return rules[type].noun;
}

/* ---- showing ---- */

void fr_text_show(const char *text, size_t length, char *out, size_t size)
{
	bool is_cut = length > size - 1;
	size_t room = is_cut ? size - sizeof "..." : length;
	size_t from = 0, to = 0, step;

	assert(size > sizeof "...");
	while (from < room) {
		step = fr_utf8_next(text + from, length - from);
		if (step > 0 && from + step > room)
			break;
		if (step == 0 || (unsigned char)text[from] < 0x20 || text[from] == 0x7f) {
			out[to++] = '?';
			from++;
			continue;
		}
		memcpy(out + to, text + from, step);
		to += step;
		from += step;
	}
	memcpy(out + to, "...", is_cut ? 3 : 0);
	out[to + (is_cut ? 3 : 0)] = '\0';
}

static bool is_secret(const struct fr_key *key)
{
	return key != NULL && (key->type == FR_TYPE_SECRET || key->type == FR_TYPE_PROXY ||
			       key->type == FR_TYPE_HEADERS);
}

void fr_token_show(const struct fr_token *token, const struct fr_key *key, char *out, size_t size)
{
	char text[SHOWN_TEXT];

	fr_text_show(token->text, token->length, text, sizeof text);
	if (token->kind == FR_JSON_OBJECT_BEGIN)
		(void)snprintf(out, size, "an object");
	else if (token->kind == FR_JSON_ARRAY_BEGIN)
		(void)snprintf(out, size, "a list");
	else if (is_secret(key))
		(void)snprintf(out, size, "this");
	else if (token->kind == FR_JSON_STRING)
		(void)snprintf(out, size, "\"%s\"", text);
	else
		(void)snprintf(out, size, "%s", text);
}

/* ---- judging ---- */

static bool takes_kind(const struct rule *rule, enum fr_json_kind kind)
{
	if (kind == FR_JSON_STRING)
		return rule->is_text || rule->takes_quotes;
	if (kind == FR_JSON_NUMBER)
		return rule->takes_number;
	if (kind == FR_JSON_TRUE || kind == FR_JSON_FALSE)
		return rule->read == switch_read;
	return false;
}

static bool has_controls(const struct fr_token *token)
{
	size_t i;

	for (i = 0; i < token->length; i++) {
		if ((unsigned char)token->text[i] < 0x20 || token->text[i] == 0x7f)
			return true;
	}
	return false;
}

static bool word_read(const struct fr_key *key, const struct fr_token *token, int64_t *number,
		      char wrong[FR_WRONG_TEXT])
{
	struct fr_suggestion suggestion;
	char shown[SHOWN_TEXT + 2], known[192] = "";
	size_t i, length = 0;

	fr_suggestion_init(&suggestion, token->text);
	for (i = 0; key->words[i] != NULL; i++) {
		if (strcmp(key->words[i], token->text) == 0) {
			*number = (int64_t)i;
			return true;
		}
		fr_suggestion_consider(&suggestion, key->words[i]);
		length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
					   i > 0 ? ", " : "", key->words[i]);
		assert(length < sizeof known);
	}
	fr_token_show(token, key, shown, sizeof shown);
	(void)snprintf(wrong, FR_WRONG_TEXT, "%s is none of %s%s%s%s", shown, known,
		       suggestion.best != NULL ? "; did you mean \"" : "",
		       suggestion.best != NULL ? suggestion.best : "",
		       suggestion.best != NULL ? "\"?" : "");
	return false;
}

static int64_t bound_of(const struct rule *rule, const char *text, int64_t otherwise)
{
	int64_t bound = otherwise;

	assert(rule->is_text || rule->read != NULL);
	if (text != NULL) {
		bool is_valid = rule->is_text ? count_read(text, &bound) : rule->read(text, &bound);

		assert(is_valid);
		(void)is_valid; /* without asserts nobody asks */
	}
	return bound;
}

static bool is_in_range(const struct fr_key *key, const struct fr_token *token, int64_t number,
			char wrong[FR_WRONG_TEXT])
{
	const struct rule *rule = &rules[key->type];
	int64_t value = rule->is_text ? (int64_t)token->length : number;
	bool is_small = value < bound_of(rule, key->least, INT64_MIN);
	char shown[SHOWN_TEXT + 2];

	if (!is_small && value <= bound_of(rule, key->most, INT64_MAX))
		return true;
	fr_token_show(token, key, shown, sizeof shown);
	if (rule->is_text && is_small)
		(void)snprintf(wrong, FR_WRONG_TEXT, "is empty");
	else if (rule->is_text)
		(void)snprintf(wrong, FR_WRONG_TEXT, "is longer than %s bytes", key->most);
	else
		(void)snprintf(wrong, FR_WRONG_TEXT, "%s is out of range (%s to %s)", shown,
			       key->least, key->most);
	return false;
}

bool fr_value_read(const struct fr_key *key, const struct fr_token *token, int64_t *number,
		   char wrong[FR_WRONG_TEXT])
{
	const struct rule *rule = &rules[key->type];
	bool is_kind = takes_kind(rule, token->kind);
	char shown[SHOWN_TEXT + 2];

	*number = 0;
	if (is_kind && token->kind == FR_JSON_STRING && has_controls(token)) {
		(void)snprintf(wrong, FR_WRONG_TEXT, "has control characters in it");
		return false;
	}
	if (is_kind && key->type == FR_TYPE_WORD)
		return word_read(key, token, number, wrong);
	if (is_kind && (rule->read == NULL || rule->read(token->text, number)))
		return is_in_range(key, token, *number, wrong);
	fr_token_show(token, key, shown, sizeof shown);
	(void)snprintf(wrong, FR_WRONG_TEXT, "%s is not %s%s%s%s", shown, rule->noun,
		       rule->example[0] != '\0' ? " (write " : "", rule->example,
		       rule->example[0] != '\0' ? ")" : "");
	return false;
}

int64_t fr_value_of(const struct fr_key *key, const char *text)
{
	struct fr_token token = {FR_JSON_STRING, text, strlen(text)};
	char wrong[FR_WRONG_TEXT];
	int64_t number = 0;
	bool is_valid;

	if (key->type == FR_TYPE_COUNT)
		token.kind = FR_JSON_NUMBER;
	if (key->type == FR_TYPE_SWITCH)
		token.kind = FR_JSON_TRUE; /* its text says which */
	is_valid = fr_value_read(key, &token, &number, wrong);
	assert(is_valid);
	(void)is_valid; /* without asserts nobody asks */
	return number;
}

bool fr_glob_is_valid(const char *text)
{
	size_t length = strlen(text);

	if (length < 1 || length > FR_NAME_MAX || !consists_of(text, "_.:-*?"))
		return false;
	return begins_with(text, letters) || begins_with(text, "*?");
}
