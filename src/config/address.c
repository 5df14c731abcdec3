/* Where a sink leads is known once its format has put its settings together. A URL must be https,
 * unless it leads to this machine or the config says otherwise in so many words. A file must be
 * nobody else's: not one of the home's own, not another sink's.
 */
#include "config/frozen.h"

#include <string.h>

#include "config/url.h"

enum { ADDRESS_MAX = 4096 };

/* The sink's key if it was given, else the sink. */
static struct fr_place place_of(const struct fr_config *config, size_t sink, size_t id)
{
	const struct fr_document *document = &config->memory->document;
	const struct fr_scope *scope = &document->sinks[sink];

	if (fr_scope_has(scope, id))
		return fr_place_of(document, scope, id);
	return (struct fr_place){document, scope, scope->line, ""};
}

static enum fr_status url_check(const struct fr_config *config, size_t sink, const char *text,
				struct fr_error *err)
{
	struct fr_place place = place_of(config, sink, FR_SINK_KEY_URL);
	struct fr_url url;
	const char *wrong = fr_url_parse(text, &url);

	if (wrong != NULL)
		return fr_place_fault(&place, err, "the URL %s", wrong);
	if (strcmp(url.scheme, "https") == 0)
		return FR_OK;
	if (strcmp(url.scheme, "http") != 0)
		return fr_place_fault(&place, err, "\"%s\" is not spoken here: use https",
				      url.scheme);
	if (fr_url_is_loopback(&url) || config->sinks[sink].allow_plain_http)
		return FR_OK;
	return fr_place_fault(&place, err,
			      "plain http to another machine, %s: use https, or say "
			      "\"allow_plain_http\": true",
			      url.host);
}

/* The names that the home's own files have, or begin with. */
static bool is_own_file(const char *name)
{
	static const char *const own[] = {"queue.",     "identity",  "consent.json", "agent.lock",
					  "agent.sock", "wake.sock", "ballast",      NULL};
	size_t i;

	for (i = 0; own[i] != NULL; i++) {
		if (strncmp(own[i], name, strlen(own[i])) == 0)
			return true;
	}
	return false;
}

/* Is it a way round names: empty, "." or ".." between two slashes? */
static bool has_detour(const char *path)
{
	while (*path != '\0') {
		size_t length;

		path++; /* the slash */
		length = strcspn(path, "/");
		if (length == 0 || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		path += length;
	}
	return false;
}

static const char *name_in_home(const char *path, const struct fr_home *home)
{
	size_t length = strlen(home->path);

	if (strncmp(path, home->path, length) != 0 || path[length] != '/')
		return NULL;
	return path + length + 1;
}

static enum fr_status file_check(const struct fr_config *config, size_t sink,
				 const struct fr_home *home, struct fr_error *err)
{
	const char *path = config->sinks[sink].path;
	const char *name = name_in_home(path, home);
	struct fr_place place = place_of(config, sink, FR_SINK_KEY_PATH);
	size_t i;

	if (path[0] != '/' || has_detour(path))
		return fr_place_fault(&place, err,
				      "a file's path has no \"..\", \".\" or \"//\" in it");
	if (name != NULL && is_own_file(name))
		return fr_place_fault(&place, err, "this is one of Flightrec's own files");
	for (i = 0; i < sink; i++) {
		if (strcmp(config->sinks[i].path, path) == 0)
			return fr_place_fault(&place, err, "the sink \"%s\" writes to it already",
					      config->sinks[i].name);
	}
	return FR_OK;
}

static enum fr_status address_check(const struct fr_config *config, size_t sink,
				    const struct fr_home *home, struct fr_error *err)
{
	const struct fr_sink_format *format = fr_sink_format_find(config->sinks[sink].type);
	struct fr_place place = place_of(config, sink, FR_SINK_KEY_URL);
	struct fr_buffer address;
	struct fr_error wrong;
	enum fr_status status;

	if (format->is_file)
		return file_check(config, sink, home, err);
	fr_buffer_init(&address, ADDRESS_MAX);
	status = format->url(&config->sinks[sink], &address, &wrong);
	if (status != FR_OK)
		status = fr_place_fault(&place, err, "%s", wrong.text);
	else if (address.status == FR_NOMEM)
		status = fr_document_no_memory(err);
	else if (address.status != FR_OK)
		status = fr_place_fault(&place, err, "the URL is too long");
	else
		status = url_check(config, sink, fr_buffer_text(&address), err);
	fr_buffer_fini(&address);
	return status;
}

enum fr_status fr_config_check_addresses(const struct fr_config *config, const struct fr_home *home,
					 struct fr_error *err)
{
	enum fr_status status = FR_OK;
	size_t i;

	for (i = 0; i < config->sink_count && status == FR_OK; i++)
		status = address_check(config, i, home, err);
	return status;
}
