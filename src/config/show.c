/* The document once more, for people: every value with where it came from. Secrets are never
 * printed. */
#include "config/config.h"

#include <stdio.h>
#include <string.h>

#include "config/frozen.h"

enum {
	PATH_TEXT = 128,
	KEY_TEXT = PATH_TEXT + FR_SCOPE_LABEL,
	ORIGIN_TEXT = 256,
	VALUE_TEXT = 16384
};

struct showing {
	const struct fr_config *config;
	const struct fr_scope *scope;
	fr_on_setting *on_setting;
	void *context;
};

static void setting_show(const struct showing *showing, const char *path, const char *value,
			 unsigned line, const char *variable)
{
	char key[KEY_TEXT], origin[ORIGIN_TEXT] = "default";

	(void)snprintf(key, sizeof key, "%s%s", showing->scope->label, path);
	if (variable != NULL)
		(void)snprintf(origin, sizeof origin, "env:%s", variable);
	else if (line != 0)
		(void)snprintf(origin, sizeof origin, "%s:%u",
			       showing->config->memory->document.file, line);
	showing->on_setting(showing->context, key, value, origin);
}

/* A secret that lies elsewhere is shown by its origin, one that is written down by its place. */
static void secret_show(const struct showing *showing, const char *path, const char *written,
			unsigned line)
{
	char value[1100];

	if (fr_secret_is_elsewhere(written))
		(void)snprintf(value, sizeof value, "<from %s>", written);
	else
		(void)snprintf(value, sizeof value, "<from %s:%u>",
			       showing->config->memory->document.file, line);
	setting_show(showing, path, value, line, NULL);
}

/* A header that the environment gives unasked is a secret, whatever its name. */
static void variable_show(const struct showing *showing, const char *path, const char *variable)
{
	char value[ORIGIN_TEXT];

	(void)snprintf(value, sizeof value, "<from env:%s>", variable);
	setting_show(showing, path, value, 0, variable);
}

static void headers_show(const struct showing *showing)
{
	const struct fr_scope *scope = showing->scope;
	size_t i;

	for (i = 0; i < scope->header_count; i++) {
		const struct fr_header_entry *entry = &scope->headers[i];
		char path[PATH_TEXT];

		(void)snprintf(path, sizeof path, "headers.%s", entry->name);
		if (entry->variable != NULL)
			variable_show(showing, path, entry->variable);
		else if (fr_secret_is_elsewhere(entry->value) || fr_header_is_secret(entry->name))
			secret_show(showing, path, entry->value, entry->line);
		else
			setting_show(showing, path, entry->value, entry->line, NULL);
	}
}

/* As one would write it: ["tool_use_error","api_*"]. */
static void globs_show(const struct showing *showing, const char *path, unsigned line)
{
	const struct fr_scope *scope = showing->scope;
	struct fr_buffer list;
	size_t i;

	fr_buffer_init(&list, VALUE_TEXT);
	fr_buffer_add_char(&list, '[');
	for (i = 0; i < scope->glob_count; i++) {
		fr_buffer_add_text(&list, i > 0 ? ", " : "");
		fr_json_add_string(&list, scope->globs[i], strlen(scope->globs[i]));
	}
	fr_buffer_add_char(&list, ']');
	if (list.status == FR_OK)
		setting_show(showing, path, line != 0 ? fr_buffer_text(&list) : "", line, NULL);
	else
		setting_show(showing, path, "too many to show", line, NULL);
	fr_buffer_fini(&list);
}

static void key_show(const struct showing *showing, const struct fr_key *key,
		     const struct fr_value *value)
{
	bool is_secret = key->type == FR_TYPE_SECRET ||
			 (key->type == FR_TYPE_PROXY && fr_secret_is_elsewhere(value->text));

	if (key->type == FR_TYPE_SECTION || key->type == FR_TYPE_SINKS)
		return;
	if (key->type == FR_TYPE_HEADERS)
		headers_show(showing);
	else if (key->type == FR_TYPE_GLOBS || key->type == FR_TYPE_PATTERNS)
		globs_show(showing, key->path, value->line);
	else if (is_secret && value->line != 0)
		secret_show(showing, key->path, value->text, value->line);
	else
		setting_show(showing, key->path, value->text, value->line, value->variable);
}

static void scope_show(const struct showing *showing, const struct fr_sink_format *format)
{
	const struct fr_key_table *table = showing->scope->table;
	size_t id;

	for (id = 0; id < table->count; id++) {
		if (format == NULL || fr_key_suits(&table->keys[id], format))
			key_show(showing, &table->keys[id], fr_scope_value(showing->scope, id));
	}
}

void fr_config_show(const struct fr_config *config, fr_on_setting *on_setting, void *context)
{
	const struct fr_document *document = &config->memory->document;
	struct showing showing = {config, &document->top, on_setting, context};
	size_t i;

	scope_show(&showing, NULL);
	for (i = 0; i < document->sink_count; i++) {
		showing.scope = &document->sinks[i];
		scope_show(&showing, fr_sink_format_find(config->sinks[i].type));
	}
}
