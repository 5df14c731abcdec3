/* Strings are found by their quotes: canonical JSON has no white space and no escape but those that
 * it must have. A string without an escape is its own text and is looked at where it stands;
 * another one is decoded first, so that nothing hides behind \n or \u0001.
 *
 * Nothing is copied before something is found.
 */
#include <string.h>

#include "event/json.h"
#include "privacy/scrub_parts.h"

struct rewriting {
	const struct fr_scrub *scrub;
	const char *json;
	size_t length;
	size_t done; /* so much of it has been written to out */
	struct fr_buffer out;
	struct fr_buffer decoded;
	struct fr_buffer clean;
	size_t key, key_length; /* the last one */
};

/* Behind the string whose opening quote is at `at`. */
static size_t string_end(const struct rewriting *rewriting, size_t at, bool *has_escape)
{
	*has_escape = false;
	for (at++; at < rewriting->length && rewriting->json[at] != '"'; at++) {
		if (rewriting->json[at] == '\\') {
			*has_escape = true;
			at++;
		}
	}
	return at < rewriting->length ? at + 1 : rewriting->length;
}

static const char *string_text(struct rewriting *rewriting, size_t from, size_t to, bool has_escape,
			       size_t *length)
{
	struct fr_json scanner;
	enum fr_json_kind kind;

	if (!has_escape) {
		*length = to - from - 2;
		return rewriting->json + from + 1;
	}
	fr_json_init(&scanner, rewriting->json + from, to - from, 1);
	if (fr_json_next(&scanner, &kind, NULL) != FR_OK)
		return NULL;
	return fr_json_borrow(&scanner, &rewriting->decoded, length);
}

/* What the key says of its value comes first: it may hide all of it. */
static enum fr_status value_scrub(struct rewriting *rewriting, const char *text, size_t length)
{
	const struct fr_sight value = {rewriting->scrub, text, length, 0};
	struct fr_find find;
	enum fr_status status;

	fr_buffer_clear(&rewriting->clean);
	if (rewriting->key_length == 0 ||
	    !fr_find_keyed(&value, rewriting->json + rewriting->key, rewriting->key_length, &find))
		return fr_scrub_text(rewriting->scrub, text, length, &rewriting->clean);
	status = find.from > 0 ? fr_scrub_text(rewriting->scrub, text, find.from, &rewriting->clean)
			       : FR_NONE;
	if (status == FR_NONE)
		fr_buffer_add(&rewriting->clean, text, find.from);
	else if (status != FR_OK)
		return status;
	fr_buffer_add_text(&rewriting->clean, find.put);
	status = fr_scrub_text(rewriting->scrub, text + find.to, length - find.to,
			       &rewriting->clean);
	if (status == FR_NONE)
		fr_buffer_add(&rewriting->clean, text + find.to, length - find.to);
	return status == FR_OK || status == FR_NONE ? rewriting->clean.status : status;
}

static enum fr_status string_scrub(struct rewriting *rewriting, size_t from, size_t to,
				   bool has_escape)
{
	size_t length = 0;
	const char *text = string_text(rewriting, from, to, has_escape, &length);
	enum fr_status status;

	if (text == NULL)
		return FR_NOMEM;
	status = value_scrub(rewriting, text, length);
	if (status != FR_OK)
		return status == FR_NONE ? FR_OK : status;
	fr_buffer_add(&rewriting->out, rewriting->json + rewriting->done, from - rewriting->done);
	fr_json_add_string(&rewriting->out, fr_buffer_text(&rewriting->clean),
			   rewriting->clean.length);
	rewriting->done = to;
	return rewriting->out.status;
}

static enum fr_status json_walk(struct rewriting *rewriting)
{
	enum fr_status status = FR_OK;
	size_t at = 0;

	while (status == FR_OK && at < rewriting->length) {
		const char *quote = memchr(rewriting->json + at, '"', rewriting->length - at);
		size_t from, to;
		bool has_escape;

		if (quote == NULL)
			break;
		from = (size_t)(quote - rewriting->json);
		to = string_end(rewriting, from, &has_escape);
		if (to < rewriting->length && rewriting->json[to] == ':') {
			rewriting->key = from + 1;
			rewriting->key_length = to - from - 2;
		} else {
			status = string_scrub(rewriting, from, to, has_escape);
		}
		at = to;
	}
	return status;
}

enum fr_status fr_scrub_json(const struct fr_scrub *scrub, struct fr_buffer *json,
			     struct fr_error *err)
{
	size_t most = FR_SCRUB_GROWTH * json->length + FR_SCRUB_PATH_MAX;
	struct rewriting rewriting = {
		.scrub = scrub, .json = fr_buffer_text(json), .length = json->length};
	enum fr_status status;

	fr_buffer_init(&rewriting.out, most);
	fr_buffer_init(&rewriting.decoded, most);
	fr_buffer_init(&rewriting.clean, most);
	status = json_walk(&rewriting);
	if (status == FR_OK && rewriting.done > 0) {
		fr_buffer_add(&rewriting.out, rewriting.json + rewriting.done,
			      rewriting.length - rewriting.done);
		status = rewriting.out.status;
	}
	if (status == FR_OK && rewriting.done > 0) {
		struct fr_buffer old = *json;

		*json = rewriting.out;
		json->ceiling = old.ceiling > most ? old.ceiling : most;
		rewriting.out = old;
	}
	fr_buffer_fini(&rewriting.out);
	fr_buffer_fini(&rewriting.decoded);
	fr_buffer_fini(&rewriting.clean);
	if (status == FR_OK)
		return FR_OK;
	fr_buffer_clear(json);
	return fr_fail(err, status, "scrubbing: %s", fr_status_text(status));
}
