/* What a catalogue should say and does not: not wrong, but nobody could answer for it. */
#include <stdio.h>
#include <string.h>

#include "catalogue_words.h"
#include "config/config.h"
#include "event/json.h"

struct lint {
	const struct fr_declaration *declaration;
	cli_on_lack *on_lack;
	void *context;
};

static void lack(const struct lint *lint, const char *words)
{
	lint->on_lack(lint->context, lint->declaration->line, lint->declaration->name, "", words);
}

/* ---- properties ---- */

static bool may_be_text(const struct fr_schema *schema)
{
	return schema->types == 0 || (schema->types & FR_TYPE_STRING) != 0;
}

static bool is_bounded(const struct fr_schema *schema)
{
	return schema->value_count > 0 || schema->has_max_length ||
	       (schema->pattern != NULL && fr_pattern_is_anchored(schema->pattern));
}

static void property_lint(void *context, const char *path, const struct fr_schema *schema,
			  bool is_required)
{
	const struct lint *lint = context;
	const char *event = lint->declaration->name;

	(void)is_required;
	if (schema->types == 0 && schema->value_count == 0)
		lint->on_lack(lint->context, schema->line, event, path,
			      "may be anything; say its type");
	else if (may_be_text(schema) && !is_bounded(schema))
		lint->on_lack(
			lint->context, schema->line, event, path,
			"free text without a bound; say its maxLength, its enum, or a pattern "
			"that begins with ^ and ends with $");
	if ((schema->types & FR_TYPE_OBJECT) != 0 && !schema->is_closed &&
	    schema->additional == NULL)
		lint->on_lack(lint->context, schema->line, event, path,
			      "an object that may hold anything; say its properties");
	if ((schema->types & FR_TYPE_ARRAY) != 0 && schema->items == NULL)
		lint->on_lack(lint->context, schema->line, event, path,
			      "a list of anything; say its items");
}

/* ---- sinks ---- */

static bool config_has_sink(const struct fr_config *config, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < config->sink_count; i++)
		if (strlen(config->sinks[i].name) == length &&
		    memcmp(config->sinks[i].name, name, length) == 0)
			return true;
	return false;
}

static void sinks_lint(const struct lint *lint, const struct fr_config *config)
{
	const char *route = lint->declaration->route;
	struct fr_buffer scratch;
	enum fr_json_kind kind;
	struct fr_json json;

	if (config == NULL || config->sink_count == 0 || route == NULL)
		return;
	fr_buffer_init(&scratch, FR_CATALOGUE_BYTES_MAX);
	fr_json_init(&json, route, strlen(route), 1);
	while (fr_json_next(&json, &kind, NULL) == FR_OK && kind != FR_JSON_END) {
		size_t length = 0;
		const char *name =
			kind == FR_JSON_STRING ? fr_json_borrow(&json, &scratch, &length) : NULL;
		char words[160];

		if (name == NULL || config_has_sink(config, name, length))
			continue;
		(void)snprintf(words, sizeof words, "the config has no sink \"%.*s\"",
			       length < 64 ? (int)length : 64, name);
		lack(lint, words);
	}
	fr_buffer_fini(&scratch);
}

/* ---- the whole ---- */

void cli_declaration_lint(const struct fr_declaration *declaration, const struct fr_config *config,
			  int64_t now_us, cli_on_lack *on_lack, void *context)
{
	struct lint lint = {declaration, on_lack, context};

	if (declaration->description[0] == '\0')
		lack(&lint, "no description: say what happened when it is recorded");
	if (declaration->owner[0] == '\0')
		lack(&lint, "no owner: say whom to ask about it");
	if (declaration->purpose[0] == '\0')
		lack(&lint, "no purpose: say what it is recorded for");
	if (declaration->expires[0] == '\0')
		lack(&lint, "it never expires: say until when it is needed");
	else if (declaration->expires_us <= now_us)
		lack(&lint, "it has expired and is refused");
	sinks_lint(&lint, config);
	cli_properties_walk(declaration, property_lint, &lint);
}
