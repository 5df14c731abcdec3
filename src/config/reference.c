/* The key table as Markdown. */
#include "config/config.h"

#include <stdio.h>
#include <string.h>

#include "config/keys.h"
#include "config/value.h"

static void words_print(FILE *out, const char *const *words)
{
	size_t i;

	for (i = 0; words[i] != NULL; i++)
		fprintf(out, "%s`%s`", i > 0 ? ", " : "", words[i]);
}

static void types_print(FILE *out)
{
	const struct fr_sink_format *const *format;

	for (format = fr_sink_formats(); *format != NULL; format++)
		fprintf(out, "%s`%s`", format != fr_sink_formats() ? ", " : "", (*format)->type);
}

static bool is_text(enum fr_key_type type)
{
	return type == FR_TYPE_TEXT || type == FR_TYPE_NAME || type == FR_TYPE_VARIABLE ||
	       type == FR_TYPE_TABLE || type == FR_TYPE_PATH || type == FR_TYPE_URL ||
	       type == FR_TYPE_SECRET || type == FR_TYPE_PROXY;
}

/* What the value may be. */
static void value_print(FILE *out, const struct fr_key *key)
{
	if (strcmp(key->path, "type") == 0) {
		types_print(out);
		return;
	}
	if (key->type == FR_TYPE_WORD)
		words_print(out, key->words);
	else if (key->type == FR_TYPE_SWITCH)
		fprintf(out, "`true`, `false`");
	else
		fprintf(out, "%s", fr_type_noun(key->type));
	if (key->most != NULL && is_text(key->type))
		fprintf(out, ", at most %s bytes", key->most);
	else if (key->most != NULL)
		fprintf(out, ", %s to %s", key->least, key->most);
}

/* "datadog", "sinks that post"; nothing for a key that all take. */
static void only_print(FILE *out, const struct fr_key *key)
{
	if (key->only == NULL)
		return;
	if (strcmp(key->only, "http") == 0)
		fprintf(out, " (not for `file`)");
	else
		fprintf(out, " (`%s` only)", key->only);
}

static void default_print(FILE *out, const struct fr_key *key)
{
	if (key->fallback != NULL)
		fprintf(out, "`%s`", key->fallback);
	else if (key->needed != NULL)
		fprintf(out, "required");
}

/* Is there a sink in this release that takes it? */
static bool is_of_use(const struct fr_key *key)
{
	const struct fr_sink_format *const *format;

	for (format = fr_sink_formats(); *format != NULL; format++) {
		if (fr_key_suits(key, *format))
			return true;
	}
	return false;
}

static void table_print(FILE *out, const struct fr_key_table *table)
{
	size_t i;

	fprintf(out, "| key | value | default | what it is |\n|---|---|---|---|\n");
	for (i = 0; i < table->count; i++) {
		const struct fr_key *key = &table->keys[i];

		if (key->type == FR_TYPE_SECTION || !is_of_use(key))
			continue;
		fprintf(out, "| `%s` | ", key->path);
		value_print(out, key);
		fprintf(out, " | ");
		default_print(out, key);
		fprintf(out, " | %s", key->help);
		only_print(out, key);
		fprintf(out, " |\n");
	}
}

void fr_config_reference(FILE *out)
{
	table_print(out, &fr_key_table);
	fprintf(out, "\nEvery sink:\n\n");
	table_print(out, &fr_sink_key_table);
}
