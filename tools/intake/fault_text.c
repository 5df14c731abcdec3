/* Faults as text: a table of keys reads them from flags and from JSON, writes them as JSON, and
 * prints the help. A fault is set key by key, whoever wrote it, and checked as a whole at the
 * end. */
#include "intake/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "event/json.h"

enum value_type { INTEGER, SIZE, DURATION, TEXT };

#define TEXT_KEY(member)                                \
	TEXT, offsetof(struct intake_fault, member), 0, \
		sizeof(((struct intake_fault *)NULL)->member)

static const struct {
	const char *name;
	enum value_type type;
	size_t offset;
	int64_t least;
	int64_t most; /* of a text: its room */
	const char *help;
} keys[] = {
	{"status", INTEGER, offsetof(struct intake_fault, status), 100, 999,
	 "the status to answer"},
	{"retry-after", TEXT_KEY(retry_after), "Retry-After, as it is"},
	{"date", TEXT_KEY(date), "Date, as it is, instead of the time"},
	{"location", TEXT_KEY(location), "Location, as it is"},
	{"type", TEXT_KEY(type), "Content-Type of the body"},
	{"body", TEXT_KEY(body), "the body, as it is"},
	{"delay", DURATION, offsetof(struct intake_fault, delay_ms), 0, 86400000,
	 "wait this long first"},
	{"interval", DURATION, offsetof(struct intake_fault, interval_ms), 1, 86400000,
	 "between two bytes of a trickle"},
	{"bytes", SIZE, offsetof(struct intake_fault, bytes), 1, 1000000,
	 "how huge the headers are"},
	{"count", INTEGER, offsetof(struct intake_fault, count), 1, INT32_MAX,
	 "for the next N requests; for good without it"},
	{"accept", INTEGER, offsetof(struct intake_fault, accept), 0, 1,
	 "1: take the events all the same; 0: do not"},
	{"path", TEXT_KEY(path), "only requests to this path"},
	{"name", TEXT_KEY(name), "only requests with an event of this name (a glob)"},
	{"over-bytes", SIZE, offsetof(struct intake_fault, over_bytes), 0, INT32_MAX,
	 "only bodies of more bytes"},
	{"over-events", INTEGER, offsetof(struct intake_fault, over_events), 0, INT32_MAX,
	 "only batches of more events"},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static void fault_init(struct intake_fault *fault)
{
	*fault = (struct intake_fault){
		.count = INTAKE_UNSET,
		.interval_ms = 1000,
		.bytes = 256 * 1024,
		.status = INTAKE_UNSET,
		.accept = INTAKE_UNSET,
		.over_bytes = INTAKE_UNSET,
		.over_events = INTAKE_UNSET,
	};
}

/* Setting by name */

static bool parse_integer(const char *text, int64_t *value)
{
	char *end = NULL;
	*value = strtoll(text, &end, 10);
	return end != text && *end == '\0';
}

/* Header values must not end a line, nor anything else surprise who reads the store. */
static bool is_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' && *text != '\t')
			return false;
	return true;
}

static bool value_parse(enum value_type type, const char *text, int64_t *value)
{
	switch (type) {
	case INTEGER:
		return parse_integer(text, value);
	case SIZE:
		return fr_size_parse(text, value);
	case DURATION:
		return fr_duration_parse(text, value);
	case TEXT:
		break;
	}
	return false;
}

static enum fr_status fault_set_key(struct intake_fault *fault, size_t key, const char *text,
				    struct fr_error *err)
{
	char *member = (char *)fault + keys[key].offset;
	if (keys[key].type == TEXT) {
		if (!is_one_line(text) || !fr_text_copy(member, (size_t)keys[key].most, text))
			return fr_fail(err, FR_INVALID, "%s: not a line of less than %lld bytes",
				       keys[key].name, (long long)keys[key].most);
		return FR_OK;
	}
	int64_t value = 0;
	if (!value_parse(keys[key].type, text, &value) || value < keys[key].least ||
	    value > keys[key].most)
		return fr_fail(err, FR_INVALID, "%s: \"%s\" is not between %lld and %lld%s",
			       keys[key].name, text, (long long)keys[key].least,
			       (long long)keys[key].most,
			       keys[key].type == DURATION ? " ms, with its unit" : "");
	memcpy(member, &value, sizeof(value));
	return FR_OK;
}

/* JSON writes retry_after where a flag writes retry-after. */
static bool key_is(const char *name, const char *text, size_t length)
{
	if (strlen(name) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] != (text[i] == '_' ? '-' : text[i]))
			return false;
	return true;
}

static enum fr_status fault_set(struct intake_fault *fault, const char *name, size_t length,
				const char *value, struct fr_error *err)
{
	for (size_t i = 0; i < KEYS; i++)
		if (key_is(keys[i].name, name, length))
			return fault_set_key(fault, i, value, err);
	if (!key_is("fault", name, length))
		return fr_fail(err, FR_INVALID, "\"%.*s\" is no key of a fault", (int)length, name);
	fault->kind = intake_fault_named(value);
	if (fault->kind == INTAKE_FAULT_NONE)
		return fr_fail(err, FR_INVALID, "\"%s\" is no kind of fault", value);
	return FR_OK;
}

/* Fills in the kind that was left out, and refuses what makes no sense. */
static enum fr_status fault_finish(struct intake_fault *fault, struct fr_error *err)
{
	if (fault->kind == INTAKE_FAULT_NONE && fault->status != INTAKE_UNSET)
		fault->kind = INTAKE_FAULT_STATUS;
	if (fault->kind == INTAKE_FAULT_NONE && fault->delay_ms > 0)
		fault->kind = INTAKE_FAULT_DELAY;
	if (fault->kind == INTAKE_FAULT_NONE)
		return fr_fail(err, FR_INVALID, "a fault needs a kind, a status or a delay");
	if (fault->kind == INTAKE_FAULT_STATUS && fault->status == INTAKE_UNSET)
		return fr_fail(err, FR_INVALID, "status: which?");
	if (fault->kind == INTAKE_FAULT_REJECT && fault->name[0] == '\0')
		return fr_fail(err, FR_INVALID, "reject: which name?");
	if (fault->path[0] != '\0' && fault->path[0] != '/')
		return fr_fail(err, FR_INVALID, "path: does not begin with /");
	if (intake_fault_is_early(fault) && intake_fault_judges_body(fault))
		return fr_fail(err, FR_INVALID, "%s acts before the body is known: only path",
			       intake_fault_name(fault->kind));
	return FR_OK;
}

/* The flag's form */

/* Cuts the next item off a writable text: up to a comma outside of quotes. The quotes are
 * removed. */
static char *take_item(char **at)
{
	char *item = *at;
	char *to = item;
	bool quoted = false;
	char *from = item;
	for (; *from != '\0' && (quoted || *from != ','); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	}
	*at = *from == ',' ? from + 1 : NULL;
	*to = '\0';
	return item;
}

enum fr_status intake_fault_parse(struct intake_fault *fault, const char *text,
				  struct fr_error *err)
{
	char copy[2048];
	if (!fr_text_copy(copy, sizeof(copy), text))
		return fr_fail(err, FR_INVALID, "a fault of more than 2,000 characters");
	fault_init(fault);
	char *at = copy;
	while (at != NULL) {
		char *item = take_item(&at);
		char *equals = strchr(item, '=');
		enum fr_status status =
			equals != NULL
				? fault_set(fault, item, (size_t)(equals - item), equals + 1, err)
				: fault_set(fault, "fault", 5, item, err);
		if (status != FR_OK)
			return status;
	}
	return fault_finish(fault, err);
}

/* JSON */

/* The value behind a key as text, whatever its type. */
static enum fr_status read_value(struct fr_json *json, struct fr_buffer *value,
				 struct fr_error *err)
{
	enum fr_json_kind kind;
	enum fr_status status = fr_json_next(json, &kind, err);
	if (status != FR_OK)
		return status;
	fr_buffer_clear(value);
	if (kind == FR_JSON_STRING) {
		status = fr_json_decode(json, value);
		if (strlen(fr_buffer_text(value)) != value->length)
			return fr_fail(err, FR_INVALID, "a NUL byte in a value");
		return status;
	}
	if (kind == FR_JSON_NUMBER)
		fr_buffer_add(value, json->text + json->start, json->at - json->start);
	else if (kind == FR_JSON_TRUE || kind == FR_JSON_FALSE)
		fr_buffer_add_text(value, kind == FR_JSON_TRUE ? "1" : "0");
	else
		return fr_fail(err, FR_INVALID, "values are texts, numbers, true or false");
	return value->status;
}

/* One object, behind its opening brace. */
static enum fr_status read_fault(struct fr_json *json, struct intake_fault *fault,
				 struct fr_error *err)
{
	struct fr_buffer key;
	struct fr_buffer value;
	fr_buffer_init(&key, 256);
	fr_buffer_init(&value, 4096);
	fault_init(fault);
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;
	while ((status = fr_json_next(json, &kind, err)) == FR_OK && kind == FR_JSON_KEY) {
		fr_buffer_clear(&key);
		status = fr_json_decode(json, &key);
		if (status == FR_OK)
			status = read_value(json, &value, err);
		if (status == FR_OK)
			status = fault_set(fault, fr_buffer_text(&key), key.length,
					   fr_buffer_text(&value), err);
		if (status != FR_OK)
			break;
	}
	if (status == FR_OK)
		status = fault_finish(fault, err);
	fr_buffer_fini(&key);
	fr_buffer_fini(&value);
	return status;
}

enum fr_status intake_faults_parse_json(struct intake_faults *faults, const char *text,
					size_t length, struct fr_error *err)
{
	struct fr_json json;
	fr_json_init(&json, text, length, 2);
	struct intake_faults read = *faults;
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status;
	while ((status = fr_json_next(&json, &kind, err)) == FR_OK && kind != FR_JSON_END) {
		if (kind == FR_JSON_ARRAY_BEGIN || kind == FR_JSON_ARRAY_END)
			continue;
		if (kind != FR_JSON_OBJECT_BEGIN)
			return fr_fail(err, FR_INVALID, "a fault is an object");
		struct intake_fault fault;
		status = read_fault(&json, &fault, err);
		if (status == FR_OK)
			status = intake_faults_add(&read, &fault, err);
		if (status != FR_OK)
			return status;
	}
	if (status == FR_OK)
		*faults = read;
	return status;
}

static void write_value(const struct intake_fault *fault, size_t key, struct fr_buffer *out)
{
	const char *member = (const char *)fault + keys[key].offset;
	int64_t value = 0;
	if (keys[key].type == TEXT) {
		fr_json_add_string(out, member, strlen(member));
		return;
	}
	memcpy(&value, member, sizeof(value));
	fr_buffer_add_format(out, keys[key].type == DURATION ? "\"%lldms\"" : "%lld",
			     (long long)value);
}

static bool is_set(const struct intake_fault *fault, size_t key)
{
	struct intake_fault fresh;
	fault_init(&fresh);
	size_t size = keys[key].type == TEXT ? (size_t)keys[key].most : sizeof(int64_t);
	return memcmp((const char *)fault + keys[key].offset,
		      (const char *)&fresh + keys[key].offset, size) != 0;
}

void intake_faults_write_json(const struct intake_faults *faults, struct fr_buffer *out)
{
	fr_buffer_add_char(out, '[');
	for (size_t i = 0; i < faults->count; i++) {
		const struct intake_fault *fault = &faults->items[i];
		fr_buffer_add_format(out, "%s{\"fault\":\"%s\"", i > 0 ? "," : "",
				     intake_fault_name(fault->kind));
		for (size_t key = 0; key < KEYS; key++) {
			if (!is_set(fault, key))
				continue;
			fr_buffer_add_format(out, ",\"%s\":", keys[key].name);
			write_value(fault, key, out);
		}
		fr_buffer_add_char(out, '}');
	}
	fr_buffer_add_char(out, ']');
}

void intake_fault_write_keys(struct fr_buffer *out)
{
	for (size_t i = 0; i < KEYS; i++)
		fr_buffer_add_format(out, "  %-16s %s\n", keys[i].name, keys[i].help);
}
