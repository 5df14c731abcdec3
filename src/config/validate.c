/* Each rule is a function that looks at one scope and finds nothing, or fails with the place of the
 * key that is at fault. They run in order, so that a later one may count on what an earlier one has
 * checked: a sink's type first of all.
 */
#include "config/validate.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/suggest.h"
#include "config/url.h"

enum { TYPES_SHOWN = 160 };

/* ---- the top ---- */

static enum fr_status internal_validate(const struct fr_document *document, struct fr_error *err)
{
	static const size_t keys[] = {FR_KEY_PRIVACY_INTERNAL_ENV, FR_KEY_PRIVACY_INTERNAL_VALUE};
	bool has_env = fr_scope_has(&document->top, keys[0]);
	bool has_value = fr_scope_has(&document->top, keys[1]);
	struct fr_place place = fr_place_of(document, &document->top, keys[has_env ? 0 : 1]);

	if (has_env == has_value)
		return FR_OK;
	return fr_place_fault(&place, err, "needs \"%s\" beside it", has_env ? "value" : "env");
}

static enum fr_status event_size_validate(const struct fr_document *document, struct fr_error *err)
{
	const struct fr_value *event = fr_scope_value(&document->top, FR_KEY_QUEUE_MAX_EVENT_BYTES);
	const struct fr_value *queue = fr_scope_value(&document->top, FR_KEY_QUEUE_MAX_BYTES);
	struct fr_place place = fr_place_of(document, &document->top, FR_KEY_QUEUE_MAX_EVENT_BYTES);

	if (event->number <= queue->number / 4)
		return FR_OK;
	return fr_place_fault(&place, err, "%s is more than a quarter of queue.max_bytes, %s",
			      event->text, queue->text);
}

/* ---- a sink ---- */

/* One sink under judgement. */
struct judged {
	const struct fr_document *document;
	const struct fr_scope *sink;
	const struct fr_sink_format *format;
	struct fr_error *err;
};

static struct fr_place place_of(const struct judged *judged, size_t id)
{
	return fr_place_of(judged->document, judged->sink, id);
}

static struct fr_place place_of_sink(const struct judged *judged)
{
	return (struct fr_place){judged->document, judged->sink, judged->sink->line, ""};
}

static enum fr_status name_validate(const struct judged *judged)
{
	const char *name = fr_scope_value(judged->sink, FR_SINK_KEY_NAME)->text;
	struct fr_place place = place_of(judged, FR_SINK_KEY_NAME);
	const struct fr_scope *other;

	if (!fr_scope_has(judged->sink, FR_SINK_KEY_NAME)) {
		place = place_of_sink(judged);
		return fr_place_fault(&place, judged->err, "\"name\" is missing");
	}
	for (other = judged->document->sinks; other < judged->sink; other++) {
		if (strcmp(fr_scope_value(other, FR_SINK_KEY_NAME)->text, name) == 0)
			return fr_place_fault(&place, judged->err,
					      "\"%s\" is the name of the sink in line %u already",
					      name, other->line);
	}
	return FR_OK;
}

static enum fr_status unknown_type_fault(const struct judged *judged, const char *type)
{
	const struct fr_sink_format *const *format;
	struct fr_place place = place_of(judged, FR_SINK_KEY_TYPE);
	struct fr_suggestion suggestion;
	char known[TYPES_SHOWN] = "";
	size_t length = 0;

	fr_suggestion_init(&suggestion, type);
	for (format = fr_sink_formats(); *format != NULL; format++) {
		fr_suggestion_consider(&suggestion, (*format)->type);
		if (length + strlen((*format)->type) + sizeof ", " < sizeof known)
			length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
						   length > 0 ? ", " : "", (*format)->type);
	}
	if (suggestion.best != NULL)
		return fr_place_fault(&place, judged->err,
				      "unknown type \"%s\"; did you mean \"%s\"?", type,
				      suggestion.best);
	return fr_place_fault(&place, judged->err, "unknown type \"%s\" (there are %s)", type,
			      known);
}

static enum fr_status type_validate(struct judged *judged)
{
	struct fr_place place = place_of_sink(judged);
	const char *type = fr_scope_value(judged->sink, FR_SINK_KEY_TYPE)->text;

	if (!fr_scope_has(judged->sink, FR_SINK_KEY_TYPE))
		return fr_place_fault(&place, judged->err, "\"type\" is missing");
	judged->format = fr_sink_format_find(type);
	return judged->format != NULL ? FR_OK : unknown_type_fault(judged, type);
}

/* Nothing that this type has no use for, everything that it cannot do without. */
static enum fr_status keys_validate(const struct judged *judged)
{
	size_t id;

	for (id = 0; id < judged->sink->table->count; id++) {
		const struct fr_key *key = &judged->sink->table->keys[id];
		bool is_given = fr_scope_has(judged->sink, id);
		struct fr_place place = place_of(judged, id);

		if (is_given && !fr_key_suits(key, judged->format))
			return fr_place_fault(&place, judged->err, "is not for a \"%s\" sink",
					      judged->format->type);
		if (!is_given && fr_key_lists(key->needed, judged->format)) {
			place = place_of_sink(judged);
			return fr_place_fault(&place, judged->err,
					      "\"%s\" is missing: a \"%s\" sink needs it",
					      key->path, judged->format->type);
		}
	}
	return FR_OK;
}

static enum fr_status batch_validate(const struct judged *judged)
{
	int64_t most_events = (int64_t)judged->format->most_events;
	int64_t most_bytes = judged->format->most_bytes;
	struct fr_place place = place_of(judged, FR_SINK_KEY_BATCH_MAX_EVENTS);

	if (most_events > 0 &&
	    fr_scope_value(judged->sink, FR_SINK_KEY_BATCH_MAX_EVENTS)->number > most_events)
		return fr_place_fault(&place, judged->err, "\"%s\" takes at most %lld",
				      judged->format->type, (long long)most_events);
	place = place_of(judged, FR_SINK_KEY_BATCH_MAX_BYTES);
	if (most_bytes > 0 &&
	    fr_scope_value(judged->sink, FR_SINK_KEY_BATCH_MAX_BYTES)->number > most_bytes)
		return fr_place_fault(&place, judged->err, "\"%s\" takes at most %lld bytes",
				      judged->format->type, (long long)most_bytes);
	return FR_OK;
}

static enum fr_status retry_validate(const struct judged *judged)
{
	const struct fr_value *initial = fr_scope_value(judged->sink, FR_SINK_KEY_RETRY_INITIAL);
	const struct fr_value *max = fr_scope_value(judged->sink, FR_SINK_KEY_RETRY_MAX);
	struct fr_place place = place_of(judged, initial->line != 0 ? FR_SINK_KEY_RETRY_INITIAL
								    : FR_SINK_KEY_RETRY_MAX);

	if (initial->number <= max->number)
		return FR_OK;
	return fr_place_fault(&place, judged->err,
			      "retry.initial, %s, is longer than retry.max, %s", initial->text,
			      max->text);
}

static enum fr_status tls_validate(const struct judged *judged)
{
	struct fr_place place = place_of(judged, FR_SINK_KEY_TLS_KEY_FILE);

	if (fr_scope_has(judged->sink, FR_SINK_KEY_TLS_KEY_FILE) &&
	    !fr_scope_has(judged->sink, FR_SINK_KEY_TLS_CERT_FILE))
		return fr_place_fault(&place, judged->err, "needs \"cert_file\" beside it");
	return FR_OK;
}

static enum fr_status compression_validate(const struct judged *judged)
{
	struct fr_place place = place_of(judged, FR_SINK_KEY_COMPRESSION);

	if (fr_scope_has(judged->sink, FR_SINK_KEY_COMPRESSION) &&
	    strcmp(fr_scope_value(judged->sink, FR_SINK_KEY_COMPRESSION)->text, "gzip") == 0 &&
	    !judged->format->has_gzip)
		return fr_place_fault(&place, judged->err, "\"%s\" takes no gzip",
				      judged->format->type);
	return FR_OK;
}

/* A proxy that is written down; one from env: or file: is judged when it has been fetched. */
static enum fr_status proxy_validate(const struct judged *judged)
{
	const char *proxy = fr_scope_value(judged->sink, FR_SINK_KEY_PROXY)->text;
	struct fr_place place = place_of(judged, FR_SINK_KEY_PROXY);
	const char *wrong;
	struct fr_url url;

	if (proxy[0] == '\0' || strncmp(proxy, "env:", 4) == 0 || strncmp(proxy, "file:", 5) == 0)
		return FR_OK;
	wrong = fr_url_parse(proxy, &url);
	if (wrong != NULL)
		return fr_place_fault(&place, judged->err, "%s%s", wrong,
				      strchr(proxy, '@') != NULL
					      ? " (such a URL must come from env: or file:)"
					      : "");
	wrong = fr_url_parse_proxy(proxy, &url);
	if (wrong != NULL)
		return fr_place_fault(&place, judged->err, "\"%s\" %s", url.scheme, wrong);
	return FR_OK;
}

static const struct fr_header_entry *header_find(const struct judged *judged, const char *name)
{
	size_t i;

	for (i = 0; i < judged->sink->header_count; i++) {
		if (strcasecmp(judged->sink->headers[i].name, name) == 0)
			return &judged->sink->headers[i];
	}
	return NULL;
}

/* ClickHouse refuses a request that says in two ways who it comes from. */
static enum fr_status login_validate(const struct judged *judged)
{
	static const struct {
		size_t key;
		const char *header;
	} ways[] = {{FR_SINK_KEY_USER, "X-ClickHouse-User"},
		    {FR_SINK_KEY_PASSWORD, "X-ClickHouse-Key"}};
	const struct fr_header_entry *rival = header_find(judged, "Authorization");
	size_t i;

	for (i = 0; strcmp(judged->format->type, "clickhouse") == 0 && i < 2; i++) {
		const struct fr_header_entry *header = header_find(judged, ways[i].header);
		struct fr_place place = place_of(judged, ways[i].key);
		bool is_given = fr_scope_has(judged->sink, ways[i].key);

		if (is_given && header != NULL)
			return fr_place_fault(&place, judged->err,
					      "is given as a header too, in line %u", header->line);
		if (rival != NULL && (is_given || header != NULL))
			return fr_place_fault(&place, judged->err,
					      "cannot stand beside the header %s in line %u",
					      rival->name, rival->line);
	}
	return FR_OK;
}

static enum fr_status sink_validate(const struct fr_document *document, const struct fr_scope *sink,
				    struct fr_error *err)
{
	static enum fr_status (*const rules[])(const struct judged *) = {
		keys_validate,        batch_validate, retry_validate, tls_validate,
		compression_validate, proxy_validate, login_validate,
	};
	struct judged judged = {.document = document, .sink = sink, .err = err};
	enum fr_status status = name_validate(&judged);
	size_t i;

	if (status == FR_OK)
		status = type_validate(&judged);
	assert(status != FR_OK || judged.format != NULL);
	for (i = 0; status == FR_OK && i < sizeof rules / sizeof *rules; i++)
		status = rules[i](&judged);
	return status;
}

enum fr_status fr_document_validate(const struct fr_document *document, struct fr_error *err)
{
	enum fr_status status = internal_validate(document, err);
	size_t i;

	if (status == FR_OK)
		status = event_size_validate(document, err);
	for (i = 0; status == FR_OK && i < document->sink_count; i++)
		status = sink_validate(document, &document->sinks[i], err);
	return status;
}
