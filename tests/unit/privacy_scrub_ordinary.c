/* What developers write every day is left alone: lines of real files of this machine, and things
 * that are made here: hashes, UUIDs, versions, stack traces, the base64 of small things.
 *
 * Addresses, credentials in URLs and homes that stand in those files are what they are, and no
 * mistake; anything else that is changed is one.
 */
#include "support/test.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "privacy/scrub.h"
#include "support/folder.h"

enum {
	LINES_MOST = 60000,
	LINES_LEAST = 10000,
	LINES_OF_A_FILE = 400,
	LINE_BYTES = 2000,
	LINE_LEAST = 8,
	TABLE = 1 << 18,
	DEPTH_MOST = 6,
	SHOWN_MOST = 20,
	MADE = 20000,
};

struct survey {
	const struct fr_scrub *scrub;
	uint64_t *seen; /* hashes of lines: each counts once */
	size_t lines, right, wrong;
	uint64_t random;
};

static const char *variable(void *context, const char *name)
{
	(void)context;
	if (strcmp(name, "HOME") == 0)
		return "/home/alice";
	return strcmp(name, "USER") == 0 ? "alice" : NULL;
}

static int set_up(void **state)
{
	const struct fr_env env = {.variable = variable};
	const struct fr_scrub_rules rules = {.env = &env};
	struct fr_scrub *scrub = NULL;

	assert_int_equal(fr_scrub_new(&scrub, &rules, NULL), FR_OK);
	*state = scrub;
	return 0;
}

static int tear_down(void **state)
{
	fr_scrub_free(*state);
	return 0;
}

static bool is_new(struct survey *survey, const char *line, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t slot;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)line[i]) * UINT64_C(1099511628211);
	hash |= 1;
	for (slot = hash % TABLE; survey->seen[slot] != 0; slot = (slot + 1) % TABLE)
		if (survey->seen[slot] == hash)
			return false;
	survey->seen[slot] = hash;
	return true;
}

/* What was put in says why. */
static bool is_right(const char *scrubbed)
{
	static const char *const mistakes[] = {"<token>",     "<key>",    "<secret>", "<password>",
					       "<signature>", "<cookie>", "-key>",    "-token>",
					       "<jwt>",       "<host>"};

	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
		if (strstr(scrubbed, mistakes[i]) != NULL)
			return false;
	return true;
}

static void line_judge(struct survey *survey, const char *line, size_t length)
{
	struct fr_buffer out;

	if (!is_new(survey, line, length))
		return;
	survey->lines++;
	fr_buffer_init(&out, FR_SCRUB_GROWTH * LINE_BYTES + 4096);
	if (fr_scrub_text(survey->scrub, line, length, &out) == FR_OK) {
		if (is_right(fr_buffer_text(&out)) || !is_right(line)) {
			survey->right++;
		} else if (survey->wrong++ < SHOWN_MOST) {
			print_message("changed: %.*s\n     to: %s\n", (int)length, line,
				      fr_buffer_text(&out));
		}
	}
	fr_buffer_fini(&out);
}

/* ---- real files ---- */

static void file_survey(struct survey *survey, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_BYTES];
	unsigned taken = 0;

	if (file == NULL)
		return;
	while (survey->lines < LINES_MOST && taken++ < LINES_OF_A_FILE &&
	       fgets(line, sizeof line, file) != NULL) {
		size_t length = strcspn(line, "\n");

		line[length] = '\0';
		if (length >= LINE_LEAST)
			line_judge(survey, line, length);
	}
	(void)fclose(file);
}

static void folder_survey(struct survey *survey, const char *path, size_t most, unsigned depth)
{
	DIR *folder = depth < DEPTH_MOST ? opendir(path) : NULL;
	struct dirent *entry;

	while (folder != NULL && survey->lines < most && (entry = readdir(folder)) != NULL) {
		size_t name = strlen(entry->d_name);
		char inner[TEST_PATH_MAX];
		struct stat facts;

		if (entry->d_name[0] == '.' || strstr(path, "privacy") != NULL ||
		    strncmp(entry->d_name, "privacy_scrub", 13) == 0 ||
		    strncmp(entry->d_name, "scrub_", 6) == 0 ||
		    (name > 3 && strcmp(entry->d_name + name - 3, ".gz") == 0) ||
		    (size_t)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >=
			    sizeof inner ||
		    lstat(inner, &facts) != 0)
			continue;
		if (S_ISDIR(facts.st_mode))
			folder_survey(survey, inner, most, depth + 1);
		else if (S_ISREG(facts.st_mode))
			file_survey(survey, inner);
	}
	if (folder != NULL)
		(void)closedir(folder);
}

static void of_the_lines_of_real_files_under_1_in_1000_is_changed_by_mistake(void **state)
{
	static const char *const folders[] = {FLIGHTREC_SOURCE,        "/usr/include",
					      "/usr/share/doc",        "/usr/share/perl5",
					      "/usr/share/perl",       "/usr/share/cmake-3.25",
					      "/usr/lib/node_modules", "/etc"};
	const size_t count = sizeof folders / sizeof folders[0];
	struct survey survey = {.scrub = *state};

	survey.seen = calloc(TABLE, sizeof *survey.seen);
	assert_non_null(survey.seen);
	for (size_t i = 0; i < count; i++)
		folder_survey(&survey, folders[i], LINES_MOST * (i + 1) / count, 0);
	free(survey.seen);
	print_message("%zu different lines, %zu with something to scrub, %zu changed by mistake: "
		      "%.3f in 1,000\n",
		      survey.lines, survey.right, survey.wrong,
		      1000.0 * (double)survey.wrong / (double)survey.lines);
	assert_true(survey.lines >= LINES_LEAST);
	assert_true(survey.wrong * 1000 < survey.lines);
}

/* ---- made here ---- */

static uint64_t next_random(struct survey *survey)
{
	uint64_t z = survey->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void hex_make(struct survey *survey, char *out, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[next_random(survey) % 16];
	out[digits] = '\0';
}

static void base64_make(char *out, const unsigned char *bytes, size_t length)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < length; i += 3) {
		unsigned long group = (unsigned long)bytes[i] << 16 |
				      (unsigned long)(i + 1 < length ? bytes[i + 1] : 0) << 8 |
				      (i + 2 < length ? bytes[i + 2] : 0);

		*out++ = letters[group >> 18];
		*out++ = letters[group >> 12 & 63];
		*out++ = letters[group >> 6 & 63];
		*out++ = letters[group & 63];
	}
	if (length % 3 != 0)
		out[-1] = '=';
	if (length % 3 == 1)
		out[-2] = '=';
	*out = '\0';
}

static void must_stay(const struct fr_scrub *scrub, const char *text)
{
	struct fr_buffer out;

	fr_buffer_init(&out, LINE_BYTES);
	if (fr_scrub_text(scrub, text, strlen(text), &out) != FR_NONE)
		fail_msg("%s became %s", text, fr_buffer_text(&out));
	fr_buffer_fini(&out);
}

static void hashes_and_uuids_always_stay(void **state)
{
	static const size_t lengths[] = {7, 8, 12, 32, 40, 56, 64, 96, 128};
	static const char *const frames[][2] = {{"", ""},
						{"commit ", ""},
						{"sha256:", " done"},
						{"/objects/", "/x"},
						{"HEAD is now at ", " fix"},
						{"\"", "\""},
						{"id=", ","},
						{"@", ""}};
	struct survey survey = {.scrub = *state, .random = 1};
	char hex[130], text[256];

	for (size_t i = 0; i < MADE; i++) {
		const char *const *frame = frames[i % (sizeof frames / sizeof frames[0])];

		hex_make(&survey, hex, lengths[next_random(&survey) % 9]);
		(void)snprintf(text, sizeof text, "%s%s%s", frame[0], hex, frame[1]);
		must_stay(survey.scrub, text);
		hex_make(&survey, hex, 32);
		(void)snprintf(text, sizeof text, "%s%.8s-%.4s-%.4s-%.4s-%.12s%s", frame[0], hex,
			       hex + 8, hex + 12, hex + 16, hex + 20, frame[1]);
		must_stay(survey.scrub, text);
	}
}

static void versions_and_traces_always_stay(void **state)
{
	struct survey survey = {.scrub = *state, .random = 2};
	char text[256];

	for (size_t i = 0; i < MADE; i++) {
		unsigned a = (unsigned)(next_random(&survey) % 40),
			 b = (unsigned)(next_random(&survey) % 3000);

		(void)snprintf(text, sizeof text, "v%u.%u.%u-rc.%u+build.%u", a, b, a, b, a);
		must_stay(survey.scrub, text);
		(void)snprintf(
			text, sizeof text,
			"    at Object.handler%u (/usr/lib/node_modules/pkg-%u/index.js:%u:%u)", a,
			b, b, a);
		must_stay(survey.scrub, text);
		(void)snprintf(text, sizeof text,
			       "#%u 0x%016llx in worker_%u::run<T%u> (src/pool.rs:%u)", a,
			       (unsigned long long)next_random(&survey), b, a, b);
		must_stay(survey.scrub, text);
		(void)snprintf(text, sizeof text, "@scope/package-%u@^%u.%u.0 --key-size=%u", b, a,
			       b, b);
		must_stay(survey.scrub, text);
	}
}

/* Text, and up to 21 bytes of anything. */
static void the_base64_of_small_things_always_stays(void **state)
{
	static const char words[] =
		"the quick brown fox jumps over the lazy dog and is gone again; ";
	struct survey survey = {.scrub = *state, .random = 3};
	unsigned char bytes[64];
	char text[128];

	for (size_t i = 0; i < MADE; i++) {
		size_t length = 1 + next_random(&survey) % 60;
		size_t from = next_random(&survey) % (sizeof words - 1);

		for (size_t j = 0; j < length; j++)
			bytes[j] = (unsigned char)words[(from + j) % (sizeof words - 1)];
		base64_make(text, bytes, length);
		must_stay(survey.scrub, text);
		length = 1 + next_random(&survey) % 21;
		for (size_t j = 0; j < length; j++)
			bytes[j] = (unsigned char)next_random(&survey);
		base64_make(text, bytes, length);
		must_stay(survey.scrub, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_lines_of_real_files_under_1_in_1000_is_changed_by_mistake),
		cmocka_unit_test(hashes_and_uuids_always_stay),
		cmocka_unit_test(versions_and_traces_always_stay),
		cmocka_unit_test(the_base64_of_small_things_always_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
