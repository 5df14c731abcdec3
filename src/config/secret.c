/* env:NAME and file:PATH become what they stand for. A secret that is missing, empty or cannot
 * stand in a header is no error: it is noted, its sink learns of it, and its value stays empty.
 */
#include "config/frozen.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config/url.h"

enum { SECRET_BYTES_MAX = 64 * 1024, WRONG_TEXT = 400 };

bool fr_secret_is_elsewhere(const char *written)
{
	return strncmp(written, "env:", 4) == 0 || strncmp(written, "file:", 5) == 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does text contain a lower-case word, in any case? */
static bool contains(const char *text, const char *word)
{
	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (word[i] != '\0' && lower(text[i]) == word[i])
			i++;
		if (word[i] == '\0')
			return true;
	}
	return false;
}

bool fr_header_is_secret(const char *name)
{
	static const char *const words[] = {"auth",      "key",    "token",      "secret",
					    "passwd",    "cookie", "credential", "password",
					    "signature", NULL};
	size_t i;

	for (i = 0; words[i] != NULL; i++) {
		if (contains(name, words[i]))
			return true;
	}
	return false;
}

/* One secret on its way. */
struct fetching {
	struct fr_config *config;
	const struct fr_env *env;
	struct fr_error *err;
	char wrong[WRONG_TEXT]; /* why it is missing; "" when it is not */
	bool is_kept;           /* it is wrong, but its former value is there */
};

static bool has_controls(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	}
	return false;
}

/* A copy of the secret, or a note of what is wrong with it. */
static enum fr_status secret_keep(struct fetching *fetching, const char *from, const char *text,
				  size_t length, const char **out)
{
	const char *copy;

	if (length == 0) {
		(void)snprintf(fetching->wrong, WRONG_TEXT, "%.300s is empty", from);
		return FR_OK;
	}
	if (has_controls(text, length)) {
		(void)snprintf(fetching->wrong, WRONG_TEXT,
			       "%.300s has a line break or another control character in it", from);
		return FR_OK;
	}
	copy = fr_arena_text(&fetching->config->memory->arena, text, length);
	if (copy == NULL)
		return fr_document_no_memory(fetching->err);
	*out = copy;
	return FR_OK;
}

static enum fr_status variable_fetch(struct fetching *fetching, const char *name, const char **out)
{
	const char *value = fr_env_variable(fetching->env, name);
	char from[300];

	(void)snprintf(from, sizeof from, "the environment variable %.250s", name);
	if (value != NULL)
		return secret_keep(fetching, from, value, strlen(value), out);
	(void)snprintf(fetching->wrong, WRONG_TEXT,
		       "%.300s is not set (set it, then restart the agent)", from);
	return FR_OK;
}

/* The newline that an editor or `echo` leaves at the end is not part of it. */
static size_t length_without_newline(const struct fr_buffer *text)
{
	size_t length = text->length;

	if (length > 0 && text->data[length - 1] == '\n')
		length--;
	if (length > 0 && text->data[length - 1] == '\r')
		length--;
	return length;
}

/* What it was when it could still be read, and a word that it cannot be now. */
static enum fr_status former_keep(struct fetching *fetching, const char *path, const char **out)
{
	const char *former = fr_secret_former(fetching->config, path);

	if (former == NULL)
		return FR_OK;
	*out = fr_arena_text(&fetching->config->memory->arena, former, strlen(former));
	fetching->is_kept = true;
	return *out != NULL ? FR_OK : fr_document_no_memory(fetching->err);
}

static enum fr_status file_read(struct fetching *fetching, const char *path, const char **out)
{
	struct fr_buffer text;
	struct fr_error wrong;
	enum fr_status status;

	fr_buffer_init(&text, SECRET_BYTES_MAX);
	status = fr_file_read_linked(path, &text, &wrong);
	if (status == FR_OK)
		status = secret_keep(fetching, path, text.data, length_without_newline(&text), out);
	else if (status == FR_NOMEM)
		status = fr_document_no_memory(fetching->err);
	else
		(void)snprintf(fetching->wrong, WRONG_TEXT, "%.390s", wrong.text);
	fr_buffer_fini(&text);
	return fetching->wrong[0] != '\0' ? FR_OK : status;
}

static enum fr_status file_fetch(struct fetching *fetching, const char *path, const char **out)
{
	struct fr_config *config = fetching->config;
	struct fr_secret_file *file = NULL;
	const char *value = NULL;
	struct fr_error wrong;
	const char *whole;
	enum fr_status status;

	status = fr_config_path(config, config->memory->folder, path, &whole, &wrong);
	if (status == FR_NOMEM)
		return fr_document_no_memory(fetching->err);
	if (status != FR_OK) {
		(void)snprintf(fetching->wrong, WRONG_TEXT, "%.390s", wrong.text);
		return FR_OK;
	}
	status = fr_secret_file_note(config, whole, &file, fetching->err);
	if (status == FR_OK)
		status = file_read(fetching, whole, &value);
	if (status == FR_OK && fetching->wrong[0] != '\0')
		status = former_keep(fetching, whole, &value);
	if (status == FR_OK && value != NULL)
		*out = file->value = value;
	return status;
}

/* What is written stays where it is; what is elsewhere is fetched into *out, which else is left
 * alone. */
static enum fr_status secret_fetch(struct fetching *fetching, const char *written, const char **out)
{
	fetching->wrong[0] = '\0';
	fetching->is_kept = false;
	if (strncmp(written, "env:", 4) == 0)
		return variable_fetch(fetching, written + 4, out);
	if (strncmp(written, "file:", 5) == 0)
		return file_fetch(fetching, written + 5, out);
	return FR_OK;
}

/* Notes a missing secret, and tells its sink when it is the first. */
static enum fr_status missing_note(struct fetching *fetching, size_t sink,
				   const struct fr_place *place)
{
	struct fr_config_memory *memory = fetching->config->memory;
	char told[WRONG_TEXT + 128];
	int length;

	if (fetching->wrong[0] == '\0')
		return FR_OK;
	if (fetching->is_kept)
		return fr_config_note(fetching->config, place, fetching->err,
				      "%s; what was read before stays in use", fetching->wrong);
	length = snprintf(told, sizeof told, "%.100s: %s", place->path, fetching->wrong);
	if (memory->missing[sink] == NULL) {
		memory->missing[sink] = fr_arena_text(&memory->arena, told, (size_t)length);
		if (memory->missing[sink] == NULL)
			return fr_document_no_memory(fetching->err);
	}
	return fr_config_note(fetching->config, place, fetching->err, "%s", fetching->wrong);
}

static enum fr_status key_resolve(struct fetching *fetching, size_t sink, size_t id,
				  const char **out)
{
	const struct fr_document *document = &fetching->config->memory->document;
	const struct fr_scope *scope = &document->sinks[sink];
	struct fr_place place = fr_place_of(document, scope, id);
	enum fr_status status = secret_fetch(fetching, fr_scope_value(scope, id)->text, out);

	return status == FR_OK ? missing_note(fetching, sink, &place) : status;
}

/* One that nobody could use is told of here, where it is not quoted. */
static enum fr_status proxy_resolve(struct fetching *fetching, size_t sink, const char **out)
{
	const struct fr_document *document = &fetching->config->memory->document;
	const struct fr_scope *scope = &document->sinks[sink];
	struct fr_place place = fr_place_of(document, scope, FR_SINK_KEY_PROXY);
	const char *written = fr_scope_value(scope, FR_SINK_KEY_PROXY)->text;
	enum fr_status status = secret_fetch(fetching, written, out);
	const char *wrong = NULL;
	struct fr_url url;

	if (status == FR_OK && (*out)[0] != '\0')
		wrong = fr_url_parse_proxy(*out, &url);
	if (wrong != NULL) {
		*out = "";
		(void)snprintf(fetching->wrong, WRONG_TEXT,
			       "%.250s is not the URL of a proxy: it %s", written, wrong);
	}
	return status == FR_OK ? missing_note(fetching, sink, &place) : status;
}

static enum fr_status headers_resolve(struct fetching *fetching, size_t sink)
{
	struct fr_config_memory *memory = fetching->config->memory;
	const struct fr_scope *scope = &memory->document.sinks[sink];
	struct fr_sink_header *headers;
	enum fr_status status = FR_OK;
	size_t i;

	if (scope->header_count == 0)
		return FR_OK;
	headers = fr_arena_take(&memory->arena, scope->header_count, sizeof *headers);
	if (headers == NULL)
		return fr_document_no_memory(fetching->err);
	for (i = 0; i < scope->header_count && status == FR_OK; i++) {
		const struct fr_header_entry *entry = &scope->headers[i];
		char path[128];
		struct fr_place place = {&memory->document, scope, entry->line, path};

		headers[i] = memory->sinks[sink].headers[i];
		(void)snprintf(path, sizeof path, "headers.%s", entry->name);
		if (entry->variable != NULL) /* fetched already */
			continue;
		status = secret_fetch(fetching, entry->value, &headers[i].value);
		if (status == FR_OK)
			status = missing_note(fetching, sink, &place);
	}
	memory->sinks[sink].headers = headers;
	return status;
}

/* A certificate that is not there would only be noticed at the first request. */
static enum fr_status tls_files_look(struct fetching *fetching, size_t sink)
{
	const struct fr_document *document = &fetching->config->memory->document;
	const struct fr_sink_settings *settings = &fetching->config->sinks[sink];
	const struct {
		size_t id;
		const char *path;
	} files[] = {
		{FR_SINK_KEY_TLS_CA_FILE, settings->ca_file},
		{FR_SINK_KEY_TLS_CERT_FILE, settings->cert_file},
		{FR_SINK_KEY_TLS_KEY_FILE, settings->key_file},
	};
	enum fr_status status = FR_OK;
	size_t i;

	for (i = 0; i < sizeof files / sizeof *files && status == FR_OK; i++) {
		struct fr_place place = fr_place_of(document, &document->sinks[sink], files[i].id);

		if (files[i].path[0] != '\0' && access(files[i].path, R_OK) != 0)
			status = fr_config_note(fetching->config, &place, fetching->err,
						"cannot read %.300s", files[i].path);
	}
	return status;
}

enum fr_status fr_config_resolve(struct fr_config *config, const struct fr_env *env,
				 struct fr_error *err)
{
	struct fetching fetching = {.config = config, .env = env, .err = err};
	enum fr_status status = FR_OK;
	size_t i;

	for (i = 0; i < config->sink_count && status == FR_OK; i++) {
		struct fr_sink_settings *settings = &config->memory->sinks[i];

		status = key_resolve(&fetching, i, FR_SINK_KEY_API_KEY, &settings->api_key);
		if (status == FR_OK)
			status = key_resolve(&fetching, i, FR_SINK_KEY_PASSWORD,
					     &settings->password);
		if (status == FR_OK)
			status = headers_resolve(&fetching, i);
		if (status == FR_OK)
			status = proxy_resolve(&fetching, i, &settings->proxy);
		if (status == FR_OK)
			status = tls_files_look(&fetching, i);
	}
	return status;
}
