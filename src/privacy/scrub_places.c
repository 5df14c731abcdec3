/* Paths, URLs and addresses: where a person shows in the name of a place.
 *
 * A slash is looked at when what follows may be a home, a login or a host; "://" when credentials
 * may follow; an at sign when there is an address around it.
 */
#include <string.h>

#include "privacy/scrub_parts.h"

enum { LOCAL_PART_MOST = 64, LABEL_MOST = 63, AUTHORITY_MOST = 1024 };

/* ---- paths ---- */

/* Behind a whole segment of a path; a dot that ends a sentence is no part of it. */
static bool segment_ends(const struct fr_sight *sight, size_t at)
{
	if (fr_sight_char(sight, at) == '.')
		at++;
	return !fr_sight_is(sight, at, FR_SCRUB_NAME);
}

/* Does this whole segment of a path stand there? */
static bool segment_is(const struct fr_sight *sight, size_t at, const struct fr_scrub_name *name)
{
	return name->length > 0 && sight->length - at >= name->length &&
	       memcmp(sight->text + at, name->text, name->length) == 0 &&
	       segment_ends(sight, at + name->length);
}

/* The host, and behind it its domain. */
static bool is_host_of_domain(const struct fr_sight *sight, size_t at)
{
	const struct fr_scrub_name *host = &sight->scrub->host;

	return host->length > 0 && fr_sight_says(sight, at, host->text) &&
	       fr_sight_char(sight, at + host->length) == '.';
}

/* A path inside of it, or itself; not another one that begins alike. */
static bool is_home(const struct fr_sight *sight, size_t slash)
{
	const struct fr_scrub_name *home = &sight->scrub->home;

	return home->length > 0 && sight->length - slash >= home->length &&
	       memcmp(sight->text + slash, home->text, home->length) == 0 &&
	       segment_ends(sight, slash + home->length) &&
	       (slash == 0 || !fr_sight_is(sight, slash - 1, FR_SCRUB_NAME));
}

/* Behind /home/, /Users/ and \Users\ stands somebody's name. */
static size_t somebodys_home(const struct fr_sight *sight, size_t slash)
{
	size_t name;

	if (fr_sight_says(sight, slash + 1, "home/"))
		name = slash + 6;
	else if (fr_sight_says(sight, slash + 1, "Users/") ||
		 fr_sight_says(sight, slash + 1, "Users\\"))
		name = slash + 7;
	else if (fr_sight_says(sight, slash + 1, "\\Users\\\\")) /* as JSON writes it */
		name = slash + 9;
	else
		return 0;
	return fr_sight_is(sight, name, FR_SCRUB_NAME) && !fr_sight_says(sight, name, "Shared/")
		       ? name
		       : 0;
}

bool fr_find_path(const struct fr_sight *sight, size_t slash, struct fr_find *find)
{
	const struct fr_scrub *scrub = sight->scrub;
	size_t name;

	if (slash + 1 < sight->length && !scrub->after_slash[(unsigned char)sight->text[slash + 1]])
		return false;
	if (is_home(sight, slash)) {
		*find = (struct fr_find){slash, slash + scrub->home.length, "~"};
		return true;
	}
	if (segment_is(sight, slash + 1, &scrub->login)) {
		*find = (struct fr_find){slash + 1, slash + 1 + scrub->login.length, "<user>"};
		return true;
	}
	if (segment_is(sight, slash + 1, &scrub->host) || is_host_of_domain(sight, slash + 1)) {
		*find = (struct fr_find){slash + 1, slash + 1 + scrub->host.length, "<host>"};
		return true;
	}
	name = somebodys_home(sight, slash);
	if (name == 0)
		return false;
	*find = (struct fr_find){name, fr_sight_skip(sight, name, FR_SCRUB_NAME), "<user>"};
	return true;
}

/* ---- paths inside of URLs, where %2F is a slash ---- */

static bool is_coded_slash(const struct fr_sight *sight, size_t at)
{
	int byte = fr_sight_percent(sight, at);

	return byte == '/' || byte == '\\';
}

/* A name goes on over codes of what a name may have. */
static size_t coded_name_end(const struct fr_sight *sight, size_t at)
{
	for (; fr_sight_is(sight, at, FR_SCRUB_NAME); at++) {
		int byte = fr_sight_percent(sight, at);

		if (byte >= 0 && byte != ' ' && (sight->scrub->classes[byte] & FR_SCRUB_NAME) == 0)
			break;
	}
	return at;
}

static bool coded_segment_is(const struct fr_sight *sight, size_t at,
			     const struct fr_scrub_name *name)
{
	return name->length > 0 && sight->length - at >= name->length &&
	       memcmp(sight->text + at, name->text, name->length) == 0 &&
	       coded_name_end(sight, at + name->length) == at + name->length;
}

bool fr_find_coded_path(const struct fr_sight *sight, size_t percent, struct fr_find *find)
{
	static const char *const homes[] = {"home", "Users"};
	const struct fr_scrub *scrub = sight->scrub;
	size_t name = percent + 3;

	if (!is_coded_slash(sight, percent))
		return false;
	if (coded_segment_is(sight, name, &scrub->login)) {
		*find = (struct fr_find){name, name + scrub->login.length, "<user>"};
		return true;
	}
	if (coded_segment_is(sight, name, &scrub->host)) {
		*find = (struct fr_find){name, name + scrub->host.length, "<host>"};
		return true;
	}
	for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
		size_t slash = name + strlen(homes[i]);

		if (!fr_sight_says(sight, name, homes[i]) || !is_coded_slash(sight, slash))
			continue;
		*find = (struct fr_find){slash + 3, coded_name_end(sight, slash + 3), "<user>"};
		return find->to > find->from && !fr_sight_says(sight, slash + 3, "Shared%");
	}
	return false;
}

/* ---- URLs ---- */

/* Everybody logs in to a forge as this one. */
static bool is_nobody(const char *user, size_t length)
{
	static const char *const names[] = {"git", "hg", "svn", "anonymous"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (length == strlen(names[i]) && memcmp(user, names[i], length) == 0)
			return true;
	return false;
}

static bool ends_authority(char c)
{
	return c == '/' || c == '?' || c == '#' || c == '"' || c == '\'' || c == '<' || c == '>' ||
	       c == '`' || (unsigned char)c <= ' ';
}

/* user@ or user:password@ behind "://"; also when the text is cut before the at sign, where a
 * password can be told from a port. */
bool fr_find_url(const struct fr_sight *sight, size_t colon, struct fr_find *find)
{
	size_t from = colon + 3, at, sign = 0, second = 0;

	if (!fr_sight_says(sight, colon, "://") || colon == 0 ||
	    !fr_sight_is(sight, colon - 1, FR_SCRUB_RUN))
		return false;
	for (at = from;
	     at < sight->length && !ends_authority(sight->text[at]) && at - from < AUTHORITY_MOST;
	     at++) {
		if (sight->text[at] == '@')
			sign = at;
		if (sight->text[at] == ':' && second == 0)
			second = at;
	}
	if (sign == 0 && at == sight->length && second > from && at - second > 6 &&
	    fr_sight_skip(sight, second + 1, FR_SCRUB_DIGIT) < at) {
		*find = (struct fr_find){from, at, "<credentials>"};
		return true;
	}
	if (sign <= from || is_nobody(sight->text + from, sign - from))
		return false;
	*find = (struct fr_find){from, sign, "<credentials>"};
	return true;
}

/* ---- addresses ---- */

/* Of a letter beyond ASCII: any character of UTF-8 but signs and punctuation, which are in the
 * blocks that begin so. */
static bool is_letter_beyond(const struct fr_sight *sight, size_t at)
{
	const unsigned char *text = (const unsigned char *)sight->text;
	size_t lead = at;

	if (at >= sight->length || text[at] < 0x80)
		return false;
	while (lead > 0 && at - lead < 3 && (text[lead] & 0xc0) == 0x80)
		lead--;
	return text[lead] >= 0xc3 && text[lead] != 0xe2 && text[lead] != 0xef &&
	       !fr_sight_says(sight, lead, "\xe3\x80");
}

/* A character begins there that an address may begin with. */
static bool begins_local_part(const struct fr_sight *sight, size_t at)
{
	return fr_sight_is(sight, at, FR_SCRUB_LETTER | FR_SCRUB_DIGIT) ||
	       ((unsigned char)fr_sight_char(sight, at) >= 0xc0 && is_letter_beyond(sight, at));
}

static bool is_local_part(const struct fr_sight *sight, size_t at)
{
	char c = fr_sight_char(sight, at);

	return fr_sight_is(sight, at, FR_SCRUB_RUN) || c == '.' || c == '+' || c == '%' ||
	       is_letter_beyond(sight, at);
}

/* A percent code of what a local part has not: %3D, %26. */
static bool is_coded_end(const struct fr_sight *sight, size_t at)
{
	static const char ends[] = " \"#&'(),/:;<=>?[\\]`{|}\t\n\r";
	int byte = fr_sight_percent(sight, at);

	return byte > 0 && strchr(ends, byte) != NULL;
}

static bool is_word_of(const char *const *words, size_t count, const char *text, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
			return true;
	return false;
}

/* What looks like a last label and is not: units of systemd, files such as icon@2x.png. Some
 * endings of files are countries as well; only versions and scales begin with a digit. */
static bool is_top_level(const char *label, size_t length, bool has_digit_first)
{
	static const char *const others[] = {
		"service", "socket", "timer", "target", "slice", "scope", "mount", "path",
		"png",     "jpg",    "jpeg",  "gif",    "svg",   "webp",  "js",    "ts",
		"jsx",     "tsx",    "mjs",   "css",    "html",  "json",  "dll",   "rb",
		"go",      "java",   "c",     "h",      "cpp",   "yml",   "yaml",  "tgz",
		"gz",      "txt",    "log",   "conf",   "patch",
	};
	static const char *const both[] = {"md", "py", "rs", "sh", "so", "zip"};

	if (length < 2 || is_word_of(others, sizeof others / sizeof others[0], label, length))
		return false;
	if (has_digit_first && is_word_of(both, sizeof both / sizeof both[0], label, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((label[i] | 0x20) < 'a' || (label[i] | 0x20) > 'z')
			return false;
	return true;
}

static size_t label_end(const struct fr_sight *sight, size_t from)
{
	size_t at = from;

	while (at - from <= LABEL_MOST &&
	       (fr_sight_is(sight, at, FR_SCRUB_LETTER | FR_SCRUB_DIGIT) ||
		(at > from && fr_sight_char(sight, at) == '-') || is_letter_beyond(sight, at)))
		at++;
	return at;
}

/* The end of a last label; 0: it is none. Behind one in ASCII a word of another script may go on,
 * without a blank. */
static size_t top_level_end(const struct fr_sight *sight, size_t from, size_t to,
			    bool has_digit_first)
{
	size_t ascii = from;

	while (ascii < to && (unsigned char)sight->text[ascii] < 0x80)
		ascii++;
	if (ascii == from)
		return to > from && to - from <= LABEL_MOST ? to : 0;
	return is_top_level(sight->text + from, ascii - from, has_digit_first) ? ascii : 0;
}

/* The end of a domain that begins there, with at least two labels; 0: there is none. */
static size_t domain_end(const struct fr_sight *sight, size_t from)
{
	size_t label = from, at = label_end(sight, from), end = 0;
	bool has_digit_first = fr_sight_is(sight, from, FR_SCRUB_DIGIT);

	if (fr_sight_skip(sight, from, FR_SCRUB_DIGIT) == at &&
	    fr_sight_is(sight, at + 1, FR_SCRUB_DIGIT)) /* a version */
		return 0;
	while (fr_sight_char(sight, at) == '.' && at > label) {
		size_t top;

		label = at + 1;
		at = label_end(sight, label);
		top = top_level_end(sight, label, at, has_digit_first);
		end = top != 0 ? top : end;
	}
	return end;
}

/* In URLs the sign is written as %40. */
bool fr_find_address(const struct fr_sight *sight, size_t at_sign, struct fr_find *find)
{
	size_t sign = fr_sight_char(sight, at_sign) == '%' ? 3 : 1;
	size_t from = at_sign, end = domain_end(sight, at_sign + sign);

	while (from > sight->floor && at_sign - from < LOCAL_PART_MOST &&
	       is_local_part(sight, from - 1) && !is_coded_end(sight, from - 1))
		from--;
	if (from > sight->floor && is_coded_end(sight, from - 1))
		from += 2;
	while (from < at_sign && !begins_local_part(sight, from))
		from++;
	if (from == at_sign || end == 0 || is_nobody(sight->text + from, at_sign - from))
		return false;
	*find = (struct fr_find){from, end, "<email>"};
	return true;
}
