/* ClickHouse over HTTP: one INSERT a batch, a row a line, for the table of schema/clickhouse.sql.
 *
 * The happy path: the statement and the settings go into the URL, the rows into the body, which no
 * setting ever changes, so that a batch keeps its bytes whatever release it meets. The server is
 * told the batch's id: where it can, it drops a batch that it has seen. Where it cannot, the
 * table's sorting key ends with the event's id, and a row that came twice is one row to FINAL.
 *
 * What could go wrong silently is prevented here:
 *   - a DateTime ends with 2105 and wraps around: `ts` stops at its end, `ts_us` has the true time;
 *   - an asynchronous insert is acknowledged before it is written, and is the default since 26.3;
 *   - without wait_end_of_query an error may come after a 200.
 */
#include "sink/clickhouse.h"

#include <string.h>

#include "base/text.h"
#include "event/json.h"
#include "sink/encode.h"
#include "sink/formats.h"

#define COLUMNS                                                                                   \
	"event_id,name,ts,ts_us,severity,service,version,session,seq,user_bucket,ci,traceparent," \
	"properties"

/* 2105-12-31T23:59:59Z: the last year that all releases know. */
#define DATETIME_MAX_US INT64_C(4291747199000000)

enum { URL_MAX = 8192 };

const struct fr_clickhouse_setting fr_clickhouse_settings[FR_CLICKHOUSE_SETTINGS] = {
	{"insert_deduplication_token", NULL, true},
	{"insert_deduplicate", "1", true},
	{"async_insert", "0", true},
	{"wait_end_of_query", "1", false},
	{"date_time_input_format", "best_effort", true},
	{"input_format_skip_unknown_fields", "1", true},
};

/* ---- the URL ---- */

/* RFC 3986: everything but what is unreserved. */
static void url_add_escaped(struct fr_buffer *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			fr_buffer_add_char(out, *text);
		else
			fr_buffer_add_format(out, "%%%02X", (unsigned char)*text);
	}
}

/* One identifier, or two with a dot between them: what the config takes as a table. */
static bool table_is_valid(const char *table)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				     "0123456789";
	int part;

	for (part = 0; part < 2; part++) {
		if (*table == '\0' || strchr(letters, *table) == NULL)
			return false;
		table += strspn(table, others);
		if (*table != '.')
			return *table == '\0';
		table++;
	}
	return false;
}

/* Quoted, since a table may be named like a word of the language. */
static void url_add_table(struct fr_buffer *out, const char *table)
{
	const char *dot = strchr(table, '.');

	url_add_escaped(out, "`");
	if (dot != NULL) {
		fr_buffer_add(out, table, (size_t)(dot - table));
		url_add_escaped(out, "`.`");
	}
	fr_buffer_add_text(out, dot != NULL ? dot + 1 : table);
	url_add_escaped(out, "`");
}

/* Scheme, host and path as the config gives them, and its own query, if it has one. */
static void url_add_base(struct fr_buffer *out, const char *url)
{
	const char *authority = strstr(url, "://");
	const char *host = authority != NULL ? authority + 3 : url;

	if (strchr(url, '?') != NULL) {
		fr_buffer_add_text(out, url);
		fr_buffer_add_char(out, '&');
		return;
	}
	fr_buffer_add_text(out, url);
	fr_buffer_add_text(out, strchr(host, '/') != NULL ? "?" : "/?");
}

static bool is_ours(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < FR_CLICKHOUSE_SETTINGS; i++)
		if (strlen(fr_clickhouse_settings[i].name) == length &&
		    memcmp(fr_clickhouse_settings[i].name, name, length) == 0)
			return true;
	return length == 5 && memcmp(name, "query", length) == 0;
}

static bool is_login(const char *name, size_t length)
{
	return (length == 4 && memcmp(name, "user", length) == 0) ||
	       (length == 8 && memcmp(name, "password", length) == 0);
}

/* The config's URL may have a query of its own, say for the database; not what is ours to say, and
 * no password, which every proxy on the way would log. */
static enum fr_status query_check(const struct fr_sink_settings *settings, struct fr_error *err)
{
	const char *at = strchr(settings->url, '?');

	for (; at != NULL; at = strchr(at, '&')) {
		size_t length = strcspn(++at, "=&");

		if (is_ours(at, length))
			return fr_fail(err, FR_INVALID,
				       "sink %s: \"%.*s\" in the URL is Flightrec's own to set",
				       settings->name, (int)length, at);
		if (is_login(at, length))
			return fr_fail(err, FR_INVALID,
				       "sink %s: \"%.*s\" in the URL ends up in logs; the sink has "
				       "a key for it",
				       settings->name, (int)length, at);
	}
	return FR_OK;
}

/* Without settings: they come with the batch. */
static enum fr_status clickhouse_url(const struct fr_sink_settings *settings, struct fr_buffer *out,
				     struct fr_error *err)
{
	if (settings->url[0] == '\0')
		return fr_fail(err, FR_INVALID, "sink %s: no url", settings->name);
	if (!table_is_valid(settings->table))
		return fr_fail(err, FR_INVALID, "sink %s: \"%.200s\" is no table", settings->name,
			       settings->table);
	if (query_check(settings, err) != FR_OK)
		return FR_INVALID;
	url_add_base(out, settings->url);
	fr_buffer_add_text(out, "query=");
	url_add_escaped(out, "INSERT INTO ");
	url_add_table(out, settings->table);
	url_add_escaped(out, " (" COLUMNS ") FORMAT JSONEachRow");
	return FR_OK;
}

static enum fr_status request_add_settings(struct fr_request *request, const char *batch_uuid,
					   struct fr_error *err)
{
	struct fr_buffer url;
	enum fr_status status;
	size_t i;

	fr_buffer_init(&url, URL_MAX);
	fr_buffer_add_text(&url, request->url);
	for (i = 0; i < FR_CLICKHOUSE_SETTINGS; i++) {
		const struct fr_clickhouse_setting *setting = &fr_clickhouse_settings[i];

		fr_buffer_add_format(&url, "&%s=", setting->name);
		url_add_escaped(&url, setting->value != NULL ? setting->value : batch_uuid);
	}
	status = url.status == FR_OK
			 ? fr_request_set_url(request, fr_buffer_text(&url), err)
			 : fr_fail(err, url.status, "url: %s", fr_status_text(url.status));
	fr_buffer_fini(&url);
	return status;
}

/* ---- the rows ---- */

static void row_add_text(struct fr_buffer *out, const char *key, const char *text)
{
	fr_buffer_add_text(out, key);
	fr_json_add_string(out, text, strlen(text));
}

static void row_add_number(struct fr_buffer *out, const char *key, int64_t number)
{
	fr_buffer_add_text(out, key);
	fr_buffer_add_int(out, number);
}

static void row_add_times(struct fr_buffer *out, int64_t time_us)
{
	int64_t shown_us = time_us > DATETIME_MAX_US ? DATETIME_MAX_US : time_us;
	char text[FR_TIME_TEXT];

	fr_time_format(text, shown_us < 0 ? 0 : shown_us);
	row_add_text(out, ",\"ts\":", text);
	row_add_number(out, ",\"ts_us\":", time_us);
}

static bool row_add(const struct fr_encoding *encoding, const struct fr_event *event,
		    struct fr_buffer *out)
{
	(void)encoding; /* a row depends on its event only */
	if (!fr_encode_is_sound(event))
		return false;
	row_add_text(out, "{\"event_id\":", event->uuid);
	row_add_text(out, ",\"name\":", event->name);
	row_add_times(out, event->time_us);
	row_add_text(out, ",\"severity\":", fr_severity_name(event->severity));
	row_add_text(out, ",\"service\":", event->service);
	row_add_text(out, ",\"version\":", event->version);
	row_add_text(out, ",\"session\":", event->session);
	row_add_number(out, ",\"seq\":", event->seq);
	row_add_number(out, ",\"user_bucket\":", event->user_bucket);
	row_add_number(out, ",\"ci\":", event->ci ? 1 : 0);
	row_add_text(out, ",\"traceparent\":", event->traceparent);
	fr_buffer_add_text(out, ",\"properties\":");
	fr_json_add_string(out, event->properties, (size_t)event->properties_length);
	fr_buffer_add_char(out, '}');
	return true;
}

/* ---- the request ---- */

enum fr_status fr_clickhouse_add_headers(const struct fr_sink_settings *settings,
					 struct fr_request *request, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	if (settings->user[0] != '\0')
		status = fr_request_add_header(request, "X-ClickHouse-User", settings->user, NULL,
					       err);
	if (status == FR_OK && settings->password[0] != '\0')
		status = fr_request_add_header(request, "X-ClickHouse-Key", settings->password,
					       settings->password_origin, err);
	return status == FR_OK ? fr_request_add_settings(request, settings, err) : status;
}

static enum fr_status clickhouse_encode(const struct fr_sink_settings *settings,
					const struct fr_sink_batch *batch,
					struct fr_request *request, struct fr_error *err)
{
	struct fr_encoding rows = {settings, batch, "\n", row_add};
	enum fr_status status;

	status =
		fr_encode_head(&fr_sink_clickhouse, settings, "application/x-ndjson", request, err);
	if (status == FR_OK)
		status = request_add_settings(request, batch->uuid, err);
	if (status == FR_OK)
		status = fr_clickhouse_add_headers(settings, request, err);
	if (status == FR_OK)
		status = fr_encode_events(&rows, request, err);
	if (request->body.length > 0)
		fr_buffer_add_char(&request->body, '\n');
	return status == FR_OK ? fr_encode_finish(request, err) : status;
}

const struct fr_sink_format fr_sink_clickhouse = {
	.type = "clickhouse",
	.encoder_version = 1,
	.has_gzip = true,
	.url = clickhouse_url,
	.encode = clickhouse_encode,
	.read_answer = fr_clickhouse_read,
	.question = &fr_clickhouse_question,
};
