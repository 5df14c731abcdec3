/* The happy path: one object, its members in any order, "consent" among them. The files are a line
 * long, so the scan is plain; every way out but the end of the object is a fault.
 */
#include "privacy/level.h"

#include <stddef.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "event/json.h"

enum { STATEMENT_BYTES_MAX = 4096, STATEMENT_DEPTH_MAX = 16 };

static const char *const level_names[] = {
	[FR_CONSENT_OFF] = "off",
	[FR_CONSENT_LOCAL] = "local",
	[FR_CONSENT_ON] = "on",
};

const char *fr_consent_name(enum fr_consent level)
{
	return level_names[level];
}

bool fr_consent_parse(const char *name, enum fr_consent *out)
{
	size_t i;

	for (i = 0; i < sizeof level_names / sizeof *level_names; i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*out = (enum fr_consent)i;
			return true;
		}
	}
	return false;
}

/* One object being scanned. */
struct statement_scan {
	struct fr_json json;
	struct fr_buffer text; /* the last string, decoded */
	struct fr_statement *out;
	bool has_date;
};

static enum fr_status decode(struct statement_scan *scan, struct fr_error *err)
{
	fr_buffer_clear(&scan->text);
	if (fr_json_decode(&scan->json, &scan->text) != FR_OK)
		return fr_fail(err, FR_NOMEM, "out of memory");
	return FR_OK;
}

static enum fr_status level_take(struct statement_scan *scan, enum fr_json_kind kind,
				 struct fr_error *err)
{
	enum fr_status status;

	if (scan->out->has_level)
		return fr_fail(err, FR_INVALID, "\"consent\" is there twice");
	if (kind == FR_JSON_STRING) {
		status = decode(scan, err);
		if (status != FR_OK)
			return status;
		if (strlen(fr_buffer_text(&scan->text)) == scan->text.length &&
		    fr_consent_parse(fr_buffer_text(&scan->text), &scan->out->level)) {
			scan->out->has_level = true;
			return FR_OK;
		}
	}
	return fr_fail(err, FR_INVALID, "\"consent\" must be \"on\", \"local\" or \"off\"");
}

static enum fr_status date_take(struct statement_scan *scan, enum fr_json_kind kind,
				struct fr_error *err)
{
	enum fr_status status;

	if (scan->has_date)
		return fr_fail(err, FR_INVALID, "\"chosen\" is there twice");
	if (kind == FR_JSON_STRING) {
		status = decode(scan, err);
		if (status != FR_OK)
			return status;
		scan->has_date = fr_time_parse(fr_buffer_text(&scan->text), scan->text.length,
					       &scan->out->chosen_us);
		if (scan->has_date)
			return FR_OK;
	}
	return fr_fail(err, FR_INVALID, "\"chosen\" is not a date like 2026-11-22T08:35:00Z");
}

/* The member whose key was just read. */
static enum fr_status member_take(struct statement_scan *scan, struct fr_error *err)
{
	bool is_level, is_date;
	enum fr_json_kind kind;
	enum fr_status status = decode(scan, err);

	if (status != FR_OK)
		return status;
	is_level = strcmp(fr_buffer_text(&scan->text), "consent") == 0;
	is_date = strcmp(fr_buffer_text(&scan->text), "chosen") == 0;
	status = fr_json_next(&scan->json, &kind, err);
	if (status != FR_OK)
		return status;
	if (is_level)
		return level_take(scan, kind, err);
	if (is_date)
		return date_take(scan, kind, err);
	return fr_json_skip(&scan->json, kind, err);
}

static enum fr_status object_take(struct statement_scan *scan, struct fr_error *err)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_json_next(&scan->json, &kind, err);

	if (status != FR_OK)
		return status;
	if (kind != FR_JSON_OBJECT_BEGIN)
		return fr_fail(err, FR_INVALID, "not a JSON object");
	for (;;) {
		status = fr_json_next(&scan->json, &kind, err);
		if (status != FR_OK)
			return status;
		if (kind == FR_JSON_OBJECT_END)
			return fr_json_next(&scan->json, &kind, err); /* nothing may follow */
		status = member_take(scan, err);
		if (status != FR_OK)
			return status;
	}
}

enum fr_status fr_statement_parse(const char *text, size_t length, struct fr_statement *out,
				  struct fr_error *err)
{
	struct statement_scan scan = {.out = out};
	enum fr_status status;

	*out = (struct fr_statement){0};
	if (length == 0)
		return fr_fail(err, FR_INVALID, "empty");
	fr_buffer_init(&scan.text, STATEMENT_BYTES_MAX);
	fr_json_init(&scan.json, text, length, STATEMENT_DEPTH_MAX);
	status = object_take(&scan, err);
	fr_buffer_fini(&scan.text);
	return status;
}

enum fr_status fr_statement_read(const char *path, uid_t owner, mode_t forbidden,
				 struct fr_statement *out, struct fr_error *err)
{
	struct fr_buffer text;
	enum fr_status status;

	*out = (struct fr_statement){0};
	fr_buffer_init(&text, STATEMENT_BYTES_MAX);
	status = fr_file_read_owned(path, owner, forbidden, &text, err);
	if (status == FR_OK) {
		status = fr_statement_parse(fr_buffer_text(&text), text.length, out, err);
		if (status != FR_OK)
			(void)fr_fail_within(err, status, "%s: ", path);
	}
	fr_buffer_fini(&text);
	return status;
}
