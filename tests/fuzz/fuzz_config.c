/* Configs: whatever the bytes, they are refused with one message that names the file, or become a
 * config whose every value keeps its row's promise and that shows no secret.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config.h"
#include "config/url.h"
#include "fuzz/fuzz.h"

static void must_hold(int holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

static void top_must_hold(const struct fr_config *config)
{
	must_hold(config->queue.max_bytes >= FR_QUEUE_MIN_BYTES, "a queue has its least size");
	must_hold(config->queue.max_event_bytes <= config->queue.max_bytes / 4, "an event fits");
	must_hold(config->queue.max_age_ms >= 0, "no negative age");
	must_hold(config->privacy.buckets >= 2 && config->privacy.buckets <= 1000,
		  "2-1000 buckets");
	must_hold((config->privacy.internal_env[0] != '\0') ==
			  (config->privacy.internal_value[0] != '\0'),
		  "a variable and its value, or neither");
	must_hold(config->privacy.catalogue[0] == '\0' || config->privacy.catalogue[0] == '/',
		  "a catalogue has a path");
}

static void address_must_hold(const struct fr_sink_settings *sink)
{
	struct fr_url url;

	if (strcmp(sink->type, "file") == 0) {
		must_hold(sink->path[0] == '/' && strstr(sink->path, "/../") == NULL,
			  "a file has a straight path");
		return;
	}
	if (sink->url[0] == '\0')
		return;
	must_hold(fr_url_parse(sink->url, &url) == NULL, "a URL is one");
	must_hold(strcmp(url.scheme, "https") == 0 || fr_url_is_loopback(&url) ||
			  sink->allow_plain_http,
		  "plain http stays here");
}

static void sink_must_hold(const struct fr_sink_settings *sink)
{
	must_hold(fr_sink_format_find(sink->type) != NULL, "the type is known");
	must_hold(sink->name[0] != '\0', "a sink has a name");
	must_hold(sink->max_events >= 1 && sink->max_bytes >= 1024, "a batch has room");
	must_hold(sink->retry_initial_ms <= sink->retry_max_ms, "waits grow");
	must_hold(sink->inflight >= 1, "something may be under way");
	must_hold(sink->min_severity >= FR_TRACE && sink->min_severity <= FR_FATAL, "a severity");
	must_hold(sink->header_count <= FR_SINK_HEADERS, "at most 24 headers");
	for (size_t i = 0; i < sink->header_count; i++)
		must_hold(strpbrk(sink->headers[i].value, "\r\n") == NULL, "no line breaks");
	address_must_hold(sink);
}

static void on_setting(void *context, const char *key, const char *value, const char *origin)
{
	size_t length = strlen(key);

	(void)context;
	must_hold(key[0] != '\0' && origin[0] != '\0', "a setting has a key and an origin");
	must_hold(fr_utf8_is_valid(value, strlen(value)), "what is shown is text");
	must_hold(length < 8 || strcmp(key + length - 8, ".api_key") != 0 || value[0] == '\0' ||
			  value[0] == '<',
		  "secrets are not shown");
}

static void config_judge(const char *text, size_t length, enum fr_config_reader reader)
{
	struct fr_home home = {.path = "/h", .config = "/h/app.json", .config_explicit = true};
	struct fr_config *config;
	struct fr_error err = {0};
	enum fr_status status = fr_config_parse(&config, &home, reader, text, length, &err);

	if (status != FR_OK) {
		must_hold(config == NULL, "a refusal leaves nothing");
		must_hold(strncmp(err.text, "/h/app.json:", 12) == 0, "a refusal names the file");
		must_hold(fr_utf8_is_valid(err.text, strlen(err.text)), "the words are printable");
		return;
	}
	top_must_hold(config);
	for (size_t i = 0; i < config->sink_count; i++)
		sink_must_hold(&config->sinks[i]);
	for (size_t i = 0; fr_config_problem(config, i) != NULL; i++)
		must_hold(fr_config_problem(config, i)[0] != '\0', "a problem has words");
	fr_config_show(config, on_setting, NULL);
	fr_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	if (size > FR_CONFIG_BYTES_MAX)
		return 0;
	config_judge(text, size, FR_CONFIG_STRICT);
	config_judge(text, size, FR_CONFIG_LIBRARY);
	return 0;
}
