/* The happy path: there is nothing to scrub. Eight bytes at a time are looked up in a table of
 * classes; as long as none of them may begin something, and not all of them belong to one run of
 * letters and digits, the walk goes on. A run as long as a key covers eight such bytes wherever it
 * begins.
 *
 * Where something may begin, the one is asked who knows; what is found is replaced, and the walk
 * goes on behind it. What was put in may bring together what was apart, so a text that was changed
 * is walked over again, at most ROUNDS times, until nothing changes.
 *
 * Failure is want of memory: the caller drops the text.
 */
#include "privacy/scrub.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "privacy/scrub_parts.h"

enum { BLOCK = 8, ROUNDS = 4 };

/* ---- classes ---- */

static unsigned class_of(int c)
{
	unsigned class = 0;
	bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	bool is_digit = c >= '0' && c <= '9';

	if (is_letter)
		class |= FR_SCRUB_LETTER;
	if (is_digit)
		class |= FR_SCRUB_DIGIT;
	if (is_digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		class |= FR_SCRUB_HEX;
	if (is_letter || is_digit || c == '_' || c == '-')
		class |= FR_SCRUB_RUN;
	if (is_letter || is_digit || c == '+' || c == '/')
		class |= FR_SCRUB_BASE64;
	if (c == ' ' || c == '\t')
		class |= FR_SCRUB_BLANK;
	if (c > ' ' && c != 127 && strchr("/\\\"'`:,;()[]{}<>|=&?#*!", c) == NULL)
		class |= FR_SCRUB_NAME;
	if (c <= ' ' || strchr("\"'`,;()<>[]{}|\\&", c) != NULL)
		class |= FR_SCRUB_BEHIND;
	if (c != 0 && strchr(" \t\"'\\]`", c) != NULL)
		class |= FR_SCRUB_BETWEEN;
	if (c != 0 && strchr("@%:=/\\BG", c) != NULL)
		class |= FR_SCRUB_STOP;
	return class;
}

static void begins_note(struct fr_scrub *scrub, const struct fr_scrub_name *name, size_t skip)
{
	if (name->length > skip)
		scrub->after_slash[(unsigned char)name->text[skip]] = true;
}

static void classes_set(struct fr_scrub *scrub)
{
	for (int c = 0; c < 256; c++)
		scrub->classes[c] = (uint16_t)class_of(c);
	for (size_t i = 0; i < scrub->pattern_count; i++)
		scrub->classes[(unsigned char)scrub->patterns[i][0]] |= FR_SCRUB_STOP;
	begins_note(scrub, &scrub->home, 1);
	begins_note(scrub, &scrub->login, 0);
	begins_note(scrub, &scrub->host, 0);
	scrub->after_slash['h'] = true; /* home/ */
	scrub->after_slash['U'] = true; /* Users/ */
	scrub->after_slash['\\'] = true;
}

/* ---- life ---- */

static enum fr_status pattern_add(struct fr_scrub *scrub, const char *pattern, struct fr_error *err)
{
	enum fr_status status = fr_scrub_pattern_check(pattern, strlen(pattern), err);
	char *copy;

	if (status != FR_OK)
		return fr_fail_within(err, status, "\"%s\": ", pattern);
	if (scrub->pattern_count == FR_SCRUB_PATTERNS_MAX)
		return fr_fail(err, FR_INVALID, "more than %d patterns",
			       (int)FR_SCRUB_PATTERNS_MAX);
	copy = strdup(pattern);
	if (copy == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	scrub->patterns[scrub->pattern_count++] = copy;
	return FR_OK;
}

enum fr_status fr_scrub_new(struct fr_scrub **out, const struct fr_scrub_rules *rules,
			    struct fr_error *err)
{
	struct fr_scrub *scrub = calloc(1, sizeof *scrub);
	enum fr_status status = FR_OK;

	*out = NULL;
	if (scrub == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	for (size_t i = 0; i < rules->pattern_count && status == FR_OK; i++)
		status = pattern_add(scrub, rules->patterns[i], err);
	if (status != FR_OK) {
		fr_scrub_free(scrub);
		return status;
	}
	fr_scrub_who(scrub, rules->env);
	fr_scrub_issuers(scrub);
	classes_set(scrub);
	*out = scrub;
	return FR_OK;
}

void fr_scrub_free(struct fr_scrub *scrub)
{
	if (scrub == NULL)
		return;
	for (size_t i = 0; i < scrub->pattern_count; i++)
		free(scrub->patterns[i]);
	free(scrub);
}

/* ---- looking at text ---- */

bool fr_sight_says(const struct fr_sight *sight, size_t at, const char *words)
{
	size_t length = strlen(words);

	return at <= sight->length && sight->length - at >= length &&
	       memcmp(sight->text + at, words, length) == 0;
}

bool fr_sight_said(const struct fr_sight *sight, size_t end, const char *words)
{
	size_t length = strlen(words);

	return end >= length && strncasecmp(sight->text + end - length, words, length) == 0;
}

size_t fr_sight_skip(const struct fr_sight *sight, size_t at, unsigned classes)
{
	while (fr_sight_is(sight, at, classes))
		at++;
	return at;
}

int fr_sight_percent(const struct fr_sight *sight, size_t at)
{
	int byte = 0;

	if (fr_sight_char(sight, at) != '%')
		return -1;
	for (size_t i = at + 1; i <= at + 2; i++) {
		char c = fr_sight_char(sight, i);

		if (!fr_sight_is(sight, i, FR_SCRUB_HEX))
			return -1;
		byte = 16 * byte + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return byte;
}

/* ---- the walk ---- */

/* On over what cannot begin anything, to a block that may, or to the last few bytes. */
static size_t blocks_skip(const struct fr_sight *sight, size_t at)
{
	const uint16_t *classes = sight->scrub->classes;
	const unsigned char *text = (const unsigned char *)sight->text;

	for (; sight->length - at >= BLOCK; at += BLOCK) {
		unsigned any = 0, all = FR_SCRUB_RUN;

		for (size_t i = 0; i < BLOCK; i++) {
			unsigned class = classes[text[at + i]];

			any |= class;
			all &= class;
		}
		if (((any & FR_SCRUB_STOP) | all) != 0)
			break;
	}
	return at;
}

static bool stop_find(const struct fr_sight *sight, size_t at, struct fr_find *find)
{
	bool found = false;

	switch (sight->text[at]) {
	case '@':
		found = fr_find_address(sight, at, find);
		break;
	case '%':
		found = fr_sight_percent(sight, at) == '@' ? fr_find_address(sight, at, find)
							   : fr_find_coded_path(sight, at, find);
		break;
	case '/':
	case '\\':
		found = fr_find_path(sight, at, find);
		break;
	case ':':
		found = fr_sight_char(sight, at + 1) == '/' ? fr_find_url(sight, at, find)
							    : fr_find_assigned(sight, at, find);
		break;
	case '=':
		found = fr_find_assigned(sight, at, find);
		break;
	case 'B':
		found = fr_find_scheme(sight, at, find);
		break;
	case 'G':
		found = fr_find_pem(sight, at, find);
		break;
	}
	return found || (sight->scrub->pattern_count > 0 && fr_find_pattern(sight, at, find));
}

/* Where the walk is, and the end of the run that it met last: a long one is measured once. */
struct walk {
	size_t at, run_end;
};

/* The run that this byte belongs to; walk->run_end is behind it. */
static bool run_find(const struct fr_sight *sight, struct walk *walk, size_t at,
		     struct fr_find *find)
{
	size_t from = at, to;

	if (at >= walk->run_end)
		walk->run_end = fr_sight_skip(sight, at, FR_SCRUB_RUN);
	to = walk->run_end;
	while (from > sight->floor && fr_sight_is(sight, from - 1, FR_SCRUB_RUN))
		from--;
	return (to - from >= FR_SCRUB_RUN_LEAST || to == sight->length ||
		fr_sight_said(sight, to, "-----BEGIN")) &&
	       fr_find_token(sight, from, to, find);
}

/* Is all of the block at this place one run? Its stops then are letters of it. */
static bool is_run(const struct fr_sight *sight, size_t at)
{
	size_t end = at + BLOCK;

	while (at < end && fr_sight_is(sight, at, FR_SCRUB_RUN))
		at++;
	return at == end;
}

static bool is_end_of_cut_run(const struct fr_sight *sight, size_t at)
{
	return at + 1 == sight->length && fr_sight_is(sight, at, FR_SCRUB_RUN);
}

/* The owner's patterns are looked for inside of runs, too. */
static bool patterns_find(const struct fr_sight *sight, size_t from, size_t to,
			  struct fr_find *find)
{
	for (size_t at = from; sight->scrub->pattern_count > 0 && at < to; at++)
		if (fr_sight_is(sight, at, FR_SCRUB_STOP) && fr_find_pattern(sight, at, find))
			return true;
	return false;
}

/* The next thing to replace from there on; false: there is none. */
static bool sight_next(const struct fr_sight *sight, struct walk *walk, struct fr_find *find)
{
	while (walk->at < sight->length) {
		size_t at = blocks_skip(sight, walk->at), end;

		if (is_run(sight, at)) {
			if (run_find(sight, walk, at, find) ||
			    patterns_find(sight, at, walk->run_end, find))
				return true;
			walk->at = walk->run_end;
			continue;
		}
		end = sight->length - at < BLOCK ? sight->length : at + BLOCK;
		for (; at < end; at++)
			if ((fr_sight_is(sight, at, FR_SCRUB_STOP) && stop_find(sight, at, find)) ||
			    (is_end_of_cut_run(sight, at) && run_find(sight, walk, at, find)))
				return true;
		walk->at = end;
	}
	return false;
}

/* One walk. FR_NONE: nothing was found. */
static enum fr_status text_walk(const struct fr_scrub *scrub, const char *text, size_t length,
				struct fr_buffer *out)
{
	struct fr_sight sight = {scrub, text, length, 0};
	struct fr_find find;
	struct walk walk = {0, 0};

	while (sight_next(&sight, &walk, &find)) {
		fr_buffer_add(out, text + sight.floor, find.from - sight.floor);
		fr_buffer_add_text(out, find.put);
		sight.floor = find.to;
		walk.at = find.to;
	}
	if (sight.floor == 0)
		return FR_NONE;
	fr_buffer_add(out, text + sight.floor, length - sight.floor);
	return out->status;
}

enum fr_status fr_scrub_text(const struct fr_scrub *scrub, const char *text, size_t length,
			     struct fr_buffer *out)
{
	size_t begin = out->length;
	enum fr_status status = text_walk(scrub, text, length, out);

	for (unsigned round = 1; status == FR_OK && round < ROUNDS; round++) {
		struct fr_buffer again;
		enum fr_status more;

		fr_buffer_init(&again, FR_SCRUB_GROWTH * (out->length - begin) + FR_SCRUB_PATH_MAX);
		more = text_walk(scrub, out->data + begin, out->length - begin, &again);
		if (more == FR_OK) {
			fr_buffer_cut(out, begin);
			fr_buffer_add(out, again.data, again.length);
			more = out->status;
		}
		fr_buffer_fini(&again);
		if (more == FR_NONE)
			break;
		status = more;
	}
	return status;
}

void fr_scrub_line(const struct fr_scrub *scrub, char *line, size_t size)
{
	size_t length = strlen(line);
	struct fr_buffer out;
	enum fr_status status;

	fr_buffer_init(&out, FR_SCRUB_GROWTH * length + FR_SCRUB_PATH_MAX);
	status = fr_scrub_text(scrub, line, length, &out);
	if (status == FR_OK) {
		(void)fr_text_copy(line, size, fr_buffer_text(&out));
		while (!fr_utf8_is_valid(line, strlen(line)))
			line[strlen(line) - 1] = '\0';
	} else if (status != FR_NONE) {
		line[0] = '\0';
	}
	fr_buffer_fini(&out);
}
