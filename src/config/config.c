/* The happy path: read the file, parse it into a document, fill in what the environment says of it,
 * validate the document, freeze it, check where the sinks lead, fetch the secrets. Each step has a
 * file of its own; the first that fails ends the way with its one message, and everything made so
 * far goes with the arena.
 */
#include "config/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/frozen.h"
#include "config/otel.h"
#include "config/parse.h"
#include "config/validate.h"

enum { FILE_SHOWN = 200 };

static struct fr_config *config_new(void)
{
	struct fr_config *config = calloc(1, sizeof *config);

	if (config == NULL)
		return NULL;
	config->memory = calloc(1, sizeof *config->memory);
	if (config->memory == NULL) {
		free(config);
		return NULL;
	}
	fr_arena_init(&config->memory->arena);
	return config;
}

void fr_config_free(struct fr_config *config)
{
	if (config == NULL)
		return;
	fr_arena_fini(&config->memory->arena);
	free(config->memory);
	free(config);
}

/* The file as messages name it: a message has no room for the longest paths there are. */
static const char *file_name(struct fr_config *config, const char *path)
{
	enum { DOTS = sizeof "..." - 1, TAIL = FILE_SHOWN - 1 - DOTS };
	char shown[FILE_SHOWN] = "...";
	size_t length = strlen(path);

	if (length < sizeof shown)
		fr_text_show(path, length, shown, sizeof shown);
	else
		fr_text_show(path + length - TAIL, TAIL, shown + DOTS, sizeof shown - DOTS);
	return fr_arena_text(&config->memory->arena, shown, strlen(shown));
}

/* Takes text, which is changed. env NULL: the environment has no say. */
static enum fr_status config_build(struct fr_config *config, const struct fr_home *home,
				   enum fr_config_reader reader, const struct fr_env *env,
				   struct fr_buffer *text, struct fr_error *err)
{
	struct fr_document *document = &config->memory->document;
	const char *name = file_name(config, home->config);
	enum fr_status status;

	if (name == NULL)
		return fr_document_no_memory(err);
	status = fr_document_init(document, &config->memory->arena, name, err);
	if (status == FR_OK && home->config[0] != '\0')
		status = fr_document_parse(document, text->data, text->length, reader, err);
	if (status == FR_OK)
		status = fr_config_take_otel(config, env, err);
	if (status == FR_OK)
		status = fr_document_validate(document, err);
	if (status == FR_OK)
		status = fr_config_freeze(config, home, err);
	if (status == FR_OK)
		status = fr_config_check_addresses(config, home, err);
	return status;
}

static enum fr_status config_make(struct fr_config **out, const struct fr_home *home,
				  enum fr_config_reader reader, const struct fr_env *env,
				  struct fr_buffer *text, struct fr_error *err)
{
	struct fr_config *config = config_new();
	enum fr_status status;

	*out = NULL;
	if (config == NULL)
		return fr_document_no_memory(err);
	status = config_build(config, home, reader, env, text, err);
	if (status == FR_OK) {
		*out = config;
		config = NULL;
	}
	fr_config_free(config);
	return status;
}

enum fr_status fr_config_parse(struct fr_config **out, const struct fr_home *home,
			       enum fr_config_reader reader, const char *text, size_t length,
			       struct fr_error *err)
{
	struct fr_buffer copy;
	enum fr_status status;

	*out = NULL;
	fr_buffer_init(&copy, FR_CONFIG_BYTES_MAX);
	fr_buffer_add(&copy, text, length);
	status = copy.status;
	if (status == FR_OK)
		status = config_make(out, home, reader, NULL, &copy, err);
	else
		(void)fr_fail(err, status, "%s: %s", home->config, fr_status_text(status));
	fr_buffer_fini(&copy);
	return status;
}

/* A config that is not there is an error only when somebody named it: the others were looked up,
 * and may have gone since. */
static enum fr_status file_read(struct fr_home *home, struct fr_buffer *text, struct fr_error *err)
{
	enum fr_status status;

	if (home->config[0] == '\0')
		return FR_OK;
	status = fr_file_read_linked(home->config, text, err);
	if (status != FR_NONE)
		return status;
	if (home->config_explicit)
		return fr_fail(err, FR_INVALID, "config %s: no such file", home->config);
	home->config[0] = '\0';
	return FR_OK;
}

/* So that it can be read once more without its file. */
static enum fr_status source_keep(struct fr_config *config, const struct fr_home *home,
				  const struct fr_buffer *text, struct fr_error *err)
{
	struct fr_config_memory *memory = config->memory;

	memory->home = *home;
	memory->text_length = text->length;
	memory->text = fr_arena_text(&memory->arena, fr_buffer_text(text), text->length);
	return memory->text != NULL ? FR_OK : fr_document_no_memory(err);
}

/* The strict reader's way, on a text that it leaves as it is. former may be NULL. */
static enum fr_status config_make_strict(struct fr_config **out, const struct fr_home *home,
					 const struct fr_env *env, const struct fr_buffer *text,
					 const struct fr_config *former, struct fr_error *err)
{
	struct fr_config *config = NULL;
	struct fr_buffer copy;
	enum fr_status status;

	fr_buffer_init(&copy, FR_CONFIG_BYTES_MAX);
	fr_buffer_add(&copy, fr_buffer_text(text), text->length);
	status = copy.status;
	if (status == FR_OK)
		status = config_make(&config, home, FR_CONFIG_STRICT, env, &copy, err);
	else
		(void)fr_document_no_memory(err);
	fr_buffer_fini(&copy);
	assert(status != FR_OK || config != NULL);
	if (status == FR_OK)
		status = source_keep(config, home, text, err);
	if (status == FR_OK) {
		config->memory->former = former;
		status = fr_config_resolve(config, env, err);
		config->memory->former = NULL;
	}
	if (status == FR_OK) {
		*out = config;
		config = NULL;
	}
	fr_config_free(config);
	return status;
}

enum fr_status fr_config_load(struct fr_config **out, const struct fr_home *home,
			      enum fr_config_reader reader, const struct fr_env *env,
			      struct fr_error *err)
{
	struct fr_home found = *home;
	struct fr_buffer text;
	enum fr_status status;

	*out = NULL;
	fr_buffer_init(&text, FR_CONFIG_BYTES_MAX);
	status = file_read(&found, &text, err);
	if (status == FR_OK)
		status = reader == FR_CONFIG_STRICT
				 ? config_make_strict(out, &found, env, &text, NULL, err)
				 : config_make(out, &found, reader, env, &text, err);
	fr_buffer_fini(&text);
	return status;
}

enum fr_status fr_config_renew(struct fr_config **out, const struct fr_config *config,
			       const struct fr_env *env, struct fr_error *err)
{
	const struct fr_config_memory *memory = config->memory;
	struct fr_buffer text;
	enum fr_status status;

	assert(memory->text != NULL);
	*out = NULL;
	fr_buffer_init(&text, FR_CONFIG_BYTES_MAX);
	fr_buffer_add(&text, memory->text, memory->text_length);
	status = text.status == FR_OK
			 ? config_make_strict(out, &memory->home, env, &text, config, err)
			 : fr_document_no_memory(err);
	fr_buffer_fini(&text);
	return status;
}

enum fr_status fr_config_path(struct fr_config *config, const char *folder, const char *path,
			      const char **out, struct fr_error *err)
{
	char joined[FR_PATH_MAX];
	enum fr_status status;

	*out = path;
	if (path[0] == '\0' || path[0] == '/' || folder[0] == '\0')
		return FR_OK;
	status = fr_path_join(joined, folder, path, err);
	if (status != FR_OK)
		return status;
	*out = fr_arena_text(&config->memory->arena, joined, strlen(joined));
	return *out != NULL ? FR_OK : fr_document_no_memory(err);
}

enum fr_status fr_config_note(struct fr_config *config, const struct fr_place *place,
			      struct fr_error *err, const char *format, ...)
{
	struct fr_config_memory *memory = config->memory;
	const char **problems = fr_arena_room(&memory->arena, memory->problems,
					      memory->problem_count, sizeof *problems);
	struct fr_error note, told;
	va_list arguments;

	if (problems == NULL)
		return fr_document_no_memory(err);
	memory->problems = problems;
	va_start(arguments, format);
	(void)vsnprintf(note.text, sizeof note.text, format, arguments);
	va_end(arguments);
	(void)fr_place_fault(place, &told, "%s", note.text);
	problems[memory->problem_count] =
		fr_arena_text(&memory->arena, told.text, strlen(told.text));
	if (problems[memory->problem_count] == NULL)
		return fr_document_no_memory(err);
	memory->problem_count++;
	return FR_OK;
}

void fr_config_consent_rules(const struct fr_config *config, struct fr_consent_rules *rules)
{
	rules->has_config_default = config->privacy.has_default;
	rules->config_default = config->privacy.default_level;
	rules->has_config_cap = config->privacy.has_cap;
	rules->config_cap = config->privacy.cap;
}

const char *fr_config_problem(const struct fr_config *config, size_t index)
{
	return index < config->memory->problem_count ? config->memory->problems[index] : NULL;
}

const char *fr_config_missing_secret(const struct fr_config *config, size_t sink)
{
	assert(sink < config->sink_count);
	return config->memory->missing[sink];
}
