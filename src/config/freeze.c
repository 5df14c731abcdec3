/* One line for each key that puts its value where it is used. Everything was checked before: what
 * can still fail is memory, and a path that is too long once its folder is in front of it.
 */
#include "config/frozen.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What is being filled in, so that one line per key is enough. */
struct freezing {
	struct fr_config *config;
	const struct fr_home *home;
	const struct fr_scope *scope;
	enum fr_status status; /* the first failure; later steps do nothing */
	struct fr_error *err;
};

static const char *text_of(const struct freezing *freezing, size_t id)
{
	return fr_scope_value(freezing->scope, id)->text;
}

static int64_t number_of(const struct freezing *freezing, size_t id)
{
	return fr_scope_value(freezing->scope, id)->number;
}

static const char *path_of(struct freezing *freezing, size_t id, const char *folder)
{
	const struct fr_document *document = &freezing->config->memory->document;
	struct fr_place place = fr_place_of(document, freezing->scope, id);
	struct fr_error wrong;
	const char *path = "";
	enum fr_status status;

	if (freezing->status != FR_OK)
		return "";
	status = fr_config_path(freezing->config, folder, text_of(freezing, id), &path, &wrong);
	if (status == FR_OK)
		return path;
	freezing->status = status == FR_NOMEM
				   ? fr_document_no_memory(freezing->err)
				   : fr_place_fault(&place, freezing->err, "%s", wrong.text);
	return "";
}

static void *take(struct freezing *freezing, size_t count, size_t size)
{
	void *taken = NULL;

	if (freezing->status == FR_OK)
		taken = fr_arena_take(&freezing->config->memory->arena, count, size);
	if (freezing->status == FR_OK && taken == NULL)
		freezing->status = fr_document_no_memory(freezing->err);
	return taken;
}

/* ---- the top ---- */

static void queue_freeze(struct freezing *freezing)
{
	struct fr_config *config = freezing->config;

	config->queue.durability = (enum fr_durability)number_of(freezing, FR_KEY_QUEUE_DURABILITY);
	config->queue.max_bytes = number_of(freezing, FR_KEY_QUEUE_MAX_BYTES);
	config->queue.max_age_ms = number_of(freezing, FR_KEY_QUEUE_MAX_AGE);
	config->queue.max_event_bytes = number_of(freezing, FR_KEY_QUEUE_MAX_EVENT_BYTES);
}

static void privacy_freeze(struct freezing *freezing)
{
	struct fr_config *config = freezing->config;

	config->privacy.has_default = fr_scope_has(freezing->scope, FR_KEY_PRIVACY_DEFAULT);
	config->privacy.default_level =
		(enum fr_consent)number_of(freezing, FR_KEY_PRIVACY_DEFAULT);
	config->privacy.has_cap = fr_scope_has(freezing->scope, FR_KEY_PRIVACY_CONSENT);
	config->privacy.cap = (enum fr_consent)number_of(freezing, FR_KEY_PRIVACY_CONSENT);
	config->privacy.buckets = (unsigned)number_of(freezing, FR_KEY_PRIVACY_BUCKETS);
	config->privacy.scrub = (const char *const *)freezing->scope->globs;
	config->privacy.scrub_count = freezing->scope->glob_count;
	config->privacy.keep_sent =
		(enum fr_keep_sent)number_of(freezing, FR_KEY_PRIVACY_KEEP_SENT);
	config->privacy.internal_env = text_of(freezing, FR_KEY_PRIVACY_INTERNAL_ENV);
	config->privacy.internal_value = text_of(freezing, FR_KEY_PRIVACY_INTERNAL_VALUE);
	config->privacy.catalogue =
		path_of(freezing, FR_KEY_PRIVACY_CATALOGUE, config->memory->folder);
}

static void top_freeze(struct freezing *freezing)
{
	struct fr_config *config = freezing->config;

	config->service = text_of(freezing, FR_KEY_SERVICE);
	config->version = text_of(freezing, FR_KEY_VERSION);
	queue_freeze(freezing);
	privacy_freeze(freezing);
	config->limits.burst = (unsigned)number_of(freezing, FR_KEY_LIMITS_BURST);
	config->limits.per_second = (unsigned)number_of(freezing, FR_KEY_LIMITS_PER_SECOND);
}

/* ---- a sink ---- */

static const char *text_keep(struct freezing *freezing, const char *text)
{
	size_t length = strlen(text);
	char *copy = take(freezing, 1, length + 1);

	if (copy == NULL)
		return "";
	memcpy(copy, text, length);
	return copy;
}

/* "config.json:9", for a secret that is written into the config. */
static const char *origin_here(struct freezing *freezing, unsigned line)
{
	char text[FR_PATH_MAX];

	(void)snprintf(text, sizeof text, "%s:%u", freezing->config->memory->document.file, line);
	return text_keep(freezing, text);
}

/* "env:NAME", for one that the environment gives unasked. */
static const char *origin_there(struct freezing *freezing, const char *variable)
{
	char text[FR_PATH_MAX];

	(void)snprintf(text, sizeof text, "env:%s", variable);
	return text_keep(freezing, text);
}

static void secret_is_written_down(struct freezing *freezing, const struct fr_place *place)
{
	if (freezing->status == FR_OK)
		freezing->status = fr_config_note(
			freezing->config, place, freezing->err,
			"the secret is written into the config; \"env:NAME\" or \"file:PATH\" "
			"keeps it out of here");
}

static void secret_freeze(struct freezing *freezing, size_t id, const char **secret,
			  const char **origin)
{
	const struct fr_value *value = fr_scope_value(freezing->scope, id);
	struct fr_place place =
		fr_place_of(&freezing->config->memory->document, freezing->scope, id);

	*secret = "";
	*origin = value->text;
	if (value->line == 0 || fr_secret_is_elsewhere(value->text))
		return;
	*secret = value->text;
	*origin = origin_here(freezing, value->line);
	secret_is_written_down(freezing, &place);
}

static void header_freeze(struct freezing *freezing, const struct fr_header_entry *entry,
			  struct fr_sink_header *header)
{
	struct fr_place place = {&freezing->config->memory->document, freezing->scope, entry->line,
				 "headers"};

	*header = (struct fr_sink_header){.name = entry->name, .value = ""};
	if (entry->variable != NULL) {
		header->value = entry->value;
		header->origin = origin_there(freezing, entry->variable);
		return;
	}
	if (fr_secret_is_elsewhere(entry->value)) {
		header->origin = entry->value;
		return;
	}
	header->value = entry->value;
	if (!fr_header_is_secret(entry->name))
		return;
	header->origin = origin_here(freezing, entry->line);
	secret_is_written_down(freezing, &place);
}

static void headers_freeze(struct freezing *freezing, struct fr_sink_settings *settings)
{
	const struct fr_scope *scope = freezing->scope;
	struct fr_sink_header *headers = take(freezing, scope->header_count, sizeof *headers);
	size_t i;

	if (headers == NULL)
		return;
	for (i = 0; i < scope->header_count; i++)
		header_freeze(freezing, &scope->headers[i], &headers[i]);
	settings->headers = headers;
	settings->header_count = scope->header_count;
}

/* Without a list, what the catalogue declares; with an empty one, nothing. */
static void events_freeze(struct freezing *freezing, struct fr_sink_settings *settings)
{
	static const char *const no_events[] = {NULL};
	const struct fr_scope *scope = freezing->scope;
	const struct fr_document *document = &freezing->config->memory->document;
	struct fr_place place = {document, scope, scope->line, ""};

	if (fr_scope_has(scope, FR_SINK_KEY_EVENTS)) {
		settings->events =
			scope->glob_count > 0 ? (const char *const *)scope->globs : no_events;
		settings->event_count = scope->glob_count;
	}
	if (settings->event_count > 0 || freezing->status != FR_OK)
		return;
	if (settings->events == NULL && freezing->config->privacy.catalogue[0] != '\0')
		return;
	freezing->status =
		fr_config_note(freezing->config, &place, freezing->err,
			       "may send nothing: %s (everything would be \"events\": [\"*\"])",
			       settings->events != NULL ? "its list of events is empty"
							: "it has no list of events, and there is "
							  "no catalogue that declares any");
}

static void delivery_freeze(struct freezing *freezing, struct fr_sink_settings *settings)
{
	const struct fr_sink_format *format = fr_sink_format_find(settings->type);

	settings->max_events = (size_t)number_of(freezing, FR_SINK_KEY_BATCH_MAX_EVENTS);
	settings->max_bytes = number_of(freezing, FR_SINK_KEY_BATCH_MAX_BYTES);
	settings->max_wait_ms = number_of(freezing, FR_SINK_KEY_BATCH_MAX_WAIT);
	settings->retry_initial_ms = number_of(freezing, FR_SINK_KEY_RETRY_INITIAL);
	settings->retry_max_ms = number_of(freezing, FR_SINK_KEY_RETRY_MAX);
	settings->inflight = (unsigned)number_of(freezing, FR_SINK_KEY_INFLIGHT);
	settings->timeout_ms = number_of(freezing, FR_SINK_KEY_TIMEOUT);
	settings->gzip = format != NULL && format->has_gzip &&
			 strcmp(text_of(freezing, FR_SINK_KEY_COMPRESSION), "gzip") == 0;
}

static void connection_freeze(struct freezing *freezing, struct fr_sink_settings *settings)
{
	const char *folder = freezing->config->memory->folder;
	const char *proxy = text_of(freezing, FR_SINK_KEY_PROXY);

	settings->ca_file = path_of(freezing, FR_SINK_KEY_TLS_CA_FILE, folder);
	settings->cert_file = path_of(freezing, FR_SINK_KEY_TLS_CERT_FILE, folder);
	settings->key_file = path_of(freezing, FR_SINK_KEY_TLS_KEY_FILE, folder);
	settings->tls_min_version = text_of(freezing, FR_SINK_KEY_TLS_MIN_VERSION);
	settings->proxy = fr_secret_is_elsewhere(proxy) ? "" : proxy;
	settings->allow_plain_http = number_of(freezing, FR_SINK_KEY_ALLOW_PLAIN_HTTP) != 0;
}

static void sink_freeze(struct freezing *freezing, struct fr_sink_settings *settings)
{
	settings->name = text_of(freezing, FR_SINK_KEY_NAME);
	settings->type = text_of(freezing, FR_SINK_KEY_TYPE);
	settings->internal = strcmp(text_of(freezing, FR_SINK_KEY_AUDIENCE), "internal") == 0;
	settings->min_severity =
		(enum fr_severity)(FR_TRACE + number_of(freezing, FR_SINK_KEY_MIN_SEVERITY));
	settings->url = text_of(freezing, FR_SINK_KEY_URL);
	settings->site = text_of(freezing, FR_SINK_KEY_SITE);
	settings->tags = text_of(freezing, FR_SINK_KEY_TAGS);
	settings->endpoint_path = text_of(freezing, FR_SINK_KEY_ENDPOINT_PATH);
	settings->os_type = freezing->config->memory->machine.os_type;
	settings->host_arch = freezing->config->memory->machine.host_arch;
	settings->table = text_of(freezing, FR_SINK_KEY_TABLE);
	settings->path = path_of(freezing, FR_SINK_KEY_PATH, freezing->home->path);
	settings->file_max_bytes = number_of(freezing, FR_SINK_KEY_FILE_MAX_BYTES);
	settings->user = text_of(freezing, FR_SINK_KEY_USER);
	secret_freeze(freezing, FR_SINK_KEY_API_KEY, &settings->api_key, &settings->api_key_origin);
	secret_freeze(freezing, FR_SINK_KEY_PASSWORD, &settings->password,
		      &settings->password_origin);
	headers_freeze(freezing, settings);
	events_freeze(freezing, settings);
	delivery_freeze(freezing, settings);
	connection_freeze(freezing, settings);
}

/* ---- all of it ---- */

/* The folder of the config file, "" for one without. */
static void folder_find(char out[FR_PATH_MAX], const char *file)
{
	const char *slash = strrchr(file, '/');

	out[0] = '\0';
	if (slash == NULL || slash - file >= FR_PATH_MAX)
		return;
	memcpy(out, file, (size_t)(slash - file));
	out[slash - file] = '\0';
	if (slash == file)
		(void)fr_text_copy(out, FR_PATH_MAX, "/");
}

enum fr_status fr_config_freeze(struct fr_config *config, const struct fr_home *home,
				struct fr_error *err)
{
	struct fr_config_memory *memory = config->memory;
	struct freezing freezing = {config, home, &memory->document.top, FR_OK, err};
	size_t count = memory->document.sink_count, i;

	(void)fr_text_copy(config->file, sizeof config->file, home->config);
	folder_find(memory->folder, home->config);
	fr_machine_look(&memory->machine);
	top_freeze(&freezing);
	memory->sinks = take(&freezing, count, sizeof *memory->sinks);
	memory->missing = take(&freezing, count, sizeof *memory->missing);
	for (i = 0; i < count && freezing.status == FR_OK; i++) {
		freezing.scope = &memory->document.sinks[i];
		sink_freeze(&freezing, &memory->sinks[i]);
	}
	config->sinks = memory->sinks;
	config->sink_count = count;
	return freezing.status;
}
