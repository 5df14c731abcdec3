/* What this server's release knows: it is asked which of our settings it lists, and the others are
 * taken out of the URL. A release that gets a setting it does not know refuses the whole request.
 *
 * One setting that every release has is asked for too: an answer without it comes from somebody
 * else.
 */
#include "sink/clickhouse.h"

#include <string.h>

enum { QUESTION_MAX = 1024, CODE_UNKNOWN_SETTING = 115 };

static const char known_to_all[] = "max_threads";

static enum fr_status question_ask(const struct fr_sink_settings *settings,
				   struct fr_request *request, struct fr_error *err)
{
	enum fr_status status = fr_request_set_url(request, settings->url, err);
	size_t i;

	if (status == FR_OK)
		status = fr_request_add_header(request, "Content-Type", "text/plain", NULL, err);
	if (status == FR_OK)
		status = fr_clickhouse_add_headers(settings, request, err);
	fr_buffer_add_format(&request->body, "SELECT name FROM system.settings WHERE name IN ('%s'",
			     known_to_all);
	for (i = 0; i < FR_CLICKHOUSE_SETTINGS; i++)
		if (fr_clickhouse_settings[i].is_asked_for)
			fr_buffer_add_format(&request->body, ",'%s'",
					     fr_clickhouse_settings[i].name);
	fr_buffer_add_text(&request->body, ") FORMAT TabSeparated\n");
	if (status == FR_OK && request->body.status != FR_OK)
		status = fr_fail(err, request->body.status, "question: %s",
				 fr_status_text(request->body.status));
	return status;
}

/* The bit of the setting of this name; 0 when it is none of ours. */
static unsigned ability_of(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < FR_CLICKHOUSE_SETTINGS; i++)
		if (strlen(fr_clickhouse_settings[i].name) == length &&
		    memcmp(fr_clickhouse_settings[i].name, name, length) == 0)
			return 1U << i;
	return 0;
}

/* A name a line, and nothing else. */
static bool question_learn(const struct fr_answer *answer, unsigned *abilities)
{
	const char *at = answer->body, *end = answer->body + answer->body_length;
	bool is_clickhouse = false;

	*abilities = 0;
	if (answer->status != 200 || answer->body_incomplete)
		return false;
	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((line_end != NULL ? line_end : end) - at);
		unsigned ability = ability_of(at, length);

		if (length == sizeof known_to_all - 1 && memcmp(at, known_to_all, length) == 0)
			is_clickhouse = true;
		else if (ability == 0)
			return false;
		*abilities |= ability;
		at += length + 1;
	}
	return is_clickhouse;
}

/* Cuts "&name=value" out. Ours are the last ones of the URL: what the config's own query says
 * before them stays. */
static void url_cut(char *url, const char *name)
{
	size_t length = strlen(name);
	char *at = url, *found = NULL, *end;

	while ((at = strchr(at, '&')) != NULL) {
		at++;
		if (strncmp(at, name, length) == 0 && at[length] == '=')
			found = at - 1;
	}
	if (found == NULL)
		return;
	end = found + 1 + strcspn(found + 1, "&");
	memmove(found, end, strlen(end) + 1);
}

static void question_suit(struct fr_request *request, unsigned abilities)
{
	size_t i;

	for (i = 0; i < FR_CLICKHOUSE_SETTINGS; i++)
		if (fr_clickhouse_settings[i].is_asked_for && (abilities & 1U << i) == 0)
			url_cut(request->url, fr_clickhouse_settings[i].name);
}

static bool question_is_outdated(const struct fr_answer *answer)
{
	return fr_clickhouse_code(answer) == CODE_UNKNOWN_SETTING;
}

const struct fr_sink_question fr_clickhouse_question = {
	.ask = question_ask,
	.learn = question_learn,
	.suit = question_suit,
	.is_outdated = question_is_outdated,
	.most_bytes = QUESTION_MAX,
};
