/* One step takes one word of argv, and a second one where an option's value stands apart. */
#include "options.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

void cli_arguments_init(struct cli_arguments *arguments, int argc, const char *const *argv,
			const char **operands)
{
	*arguments = (struct cli_arguments){
		.argv = argv, .argc = argc, .at = argc > 0 ? 1 : 0, .operands = operands};
}

void cli_arguments_know(struct cli_arguments *arguments, const struct cli_option *options)
{
	for (; options != NULL && options->name != NULL; options++) {
		assert(arguments->known_count < CLI_OPTIONS_MAX);
		arguments->known[arguments->known_count++] = options;
	}
}

static int option_find(const struct cli_arguments *arguments, const char *name, size_t length)
{
	for (size_t i = 0; i < arguments->known_count; i++) {
		const char *known = arguments->known[i]->name;

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return (int)i;
	}
	return -1;
}

static int option_find_letter(const struct cli_arguments *arguments, char letter)
{
	for (size_t i = 0; i < arguments->known_count; i++) {
		if (letter != '\0' && arguments->known[i]->letter == letter)
			return (int)i;
	}
	return -1;
}

/* value: what stood behind "=" or the letter; NULL: nothing did. */
static enum fr_status option_take(struct cli_arguments *arguments, int index, const char *value,
				  struct fr_error *err)
{
	const struct cli_option *option = arguments->known[index];

	if (option->value == NULL) {
		if (value != NULL)
			return fr_fail(err, FR_INVALID, "--%s takes no value", option->name);
		value = "";
	} else if (value == NULL) {
		if (arguments->at >= arguments->argc)
			return fr_fail(err, FR_INVALID, "--%s wants a value: --%s %s", option->name,
				       option->name, option->value);
		value = arguments->argv[arguments->at++];
	}
	arguments->values[index] = value;
	return FR_OK;
}

static enum fr_status word_take_long(struct cli_arguments *arguments, const char *word,
				     struct fr_error *err)
{
	const char *name = word + 2;
	const char *equals = strchr(name, '=');
	size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
	int index = option_find(arguments, name, length);

	if (index < 0)
		return fr_fail(err, FR_INVALID, "unknown option --%.*s",
			       (int)(length < 64 ? length : 64), name);
	return option_take(arguments, index, equals != NULL ? equals + 1 : NULL, err);
}

/* Switches may stand together ("-fq"); a value ends the word. */
static enum fr_status word_take_letters(struct cli_arguments *arguments, const char *word,
					struct fr_error *err)
{
	for (const char *at = word + 1; *at != '\0'; at++) {
		int index = option_find_letter(arguments, *at);
		bool is_switch;
		enum fr_status status;

		if (index < 0)
			return fr_fail(err, FR_INVALID, "unknown option -%c", *at);
		is_switch = arguments->known[index]->value == NULL;
		status = option_take(arguments, index, is_switch || at[1] == '\0' ? NULL : at + 1,
				     err);
		if (status != FR_OK || !is_switch)
			return status;
	}
	return FR_OK;
}

enum fr_status cli_arguments_next(struct cli_arguments *arguments, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	while (status == FR_OK && arguments->at < arguments->argc) {
		const char *word = arguments->argv[arguments->at++];

		if (arguments->ended || word[0] != '-' || word[1] == '\0') {
			arguments->operands[arguments->operand_count++] = word;
			return FR_OK;
		}
		if (strcmp(word, "--") == 0)
			arguments->ended = true;
		else if (word[1] == '-')
			status = word_take_long(arguments, word, err);
		else
			status = word_take_letters(arguments, word, err);
	}
	return status != FR_OK ? status : FR_NONE;
}

const char *cli_arguments_value(const struct cli_arguments *arguments, const char *name)
{
	int index = option_find(arguments, name, strlen(name));

	assert(index >= 0);
	return index >= 0 ? arguments->values[index] : NULL;
}

enum fr_status cli_parse_count(const char *option, const char *text, int64_t most, int64_t *out,
			       struct fr_error *err)
{
	int64_t value = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9' && value <= most; at++)
		value = value * 10 + (*at - '0');
	if (at == text || *at != '\0' || value > most)
		return fr_fail(err, FR_INVALID, "--%s \"%s\": a whole number from 0 to %lld",
			       option, text, (long long)most);
	*out = value;
	return FR_OK;
}

enum fr_status cli_parse_duration(const char *option, const char *text, int64_t *ms,
				  struct fr_error *err)
{
	if (fr_duration_parse(text, ms))
		return FR_OK;
	return fr_fail(err, FR_INVALID, "--%s \"%s\": a duration such as 500ms, 10s, 5m, 6h or 30d",
		       option, text);
}

enum fr_status cli_parse_severity(const char *option, const char *text, enum fr_severity *out,
				  struct fr_error *err)
{
	if (fr_severity_parse(text, out))
		return FR_OK;
	return fr_fail(err, FR_INVALID, "--%s \"%s\": trace, debug, info, warn, error or fatal",
		       option, text);
}

enum fr_status cli_parse_time(const char *option, const char *text, int64_t *wall_us,
			      struct fr_error *err)
{
	if (fr_time_parse(text, strlen(text), wall_us))
		return FR_OK;
	return fr_fail(err, FR_INVALID, "--%s \"%s\": RFC 3339, as 2026-11-22T08:35:00Z", option,
		       text);
}
