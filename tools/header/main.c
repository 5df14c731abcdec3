/* flightrec-header CATALOGUE: a C header in which only declared events exist.
 *
 * The header goes to standard output, or into --output FILE, which is replaced as a whole and only
 * when it would change, so that a build does not begin anew for nothing. Exit codes: 0 done, 1 the
 * catalogue is wrong, 2 usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "c_name.h"
#include "event/canonical.h"
#include "event/comments.h"
#include "function.h"
#include "privacy/catalogue.h"

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, BYTES_A_LINE = 20 };

static const char usage[] = "Usage: flightrec-header [--output FILE] CATALOGUE\n";
static const char help[] =
	"\n"
	"Makes a C header (C11, C++11) of a catalogue of events: a constant for each name, a "
	"typed\n"
	"function that records it, and the catalogue's text for\n"
	"flightrec_options_set_catalogue_json. An event that is not declared does not compile.\n"
	"\n"
	"  -o, --output FILE  write there instead of to standard output\n"
	"  -h, --help         this\n"
	"      --version      which version\n"
	"\n"
	"Example:\n"
	"  flightrec-header events.json --output events.h\n"
	"\n"
	"Exit codes: 0 done, 1 the catalogue is wrong, 2 wrong usage.\n";

static const char prologue[] = "#include <flightrec.h>\n"
			       "#include <float.h>\n"
			       "#include <stddef.h>\n"
			       "#include <stdint.h>\n"
			       "\n"
			       "/* What leaves a number, or true or false, out of an event; a text "
			       "is left out with NULL. */\n"
			       "#ifndef FLIGHTREC_ABSENT_INT\n"
			       "#define FLIGHTREC_ABSENT_INT INT64_MIN\n"
			       "#define FLIGHTREC_ABSENT_DOUBLE (-DBL_MAX)\n"
			       "#define FLIGHTREC_ABSENT_BOOL (-1)\n"
			       "#endif\n";

struct words {
	const char *catalogue;
	const char *output; /* NULL: standard output */
};

/* ---- printing ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Inside of a string: characters beyond ASCII as escapes. */
static void ascii_add(struct fr_buffer *out, const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		const unsigned char *bytes = (const unsigned char *)text + at;
		size_t step = fr_utf8_next(text + at, length - at), i;
		uint32_t c = step > 1 ? bytes[0] & (0x7fU >> step) : bytes[0];

		for (i = 1; i < step; i++)
			c = c << 6 | (bytes[i] & 0x3fU);
		if (c < 0x80)
			fr_buffer_add_char(out, (char)c);
		else if (c < 0x10000)
			fr_buffer_add_format(out, "\\u%04x", (unsigned)c);
		else
			fr_buffer_add_format(out, "\\u%04x\\u%04x",
					     (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
					     (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
		at += step > 0 ? step : 1;
	}
}

/* What the compiler need not read: comments, and white space between the tokens. What is left is
 * ASCII, so that it is the same to a char with and to one without a sign. */
static enum fr_status catalogue_squeeze(const struct fr_buffer *text, struct fr_buffer *out,
					struct fr_error *err)
{
	enum fr_json_kind kind = FR_JSON_NULL;
	enum fr_status status = FR_OK;
	struct fr_json json;

	fr_json_init(&json, text->data, text->length, FR_JSON_DEPTH_MAX);
	while (status == FR_OK) {
		status = fr_json_next(&json, &kind, err);
		if (status != FR_OK || kind == FR_JSON_END)
			break;
		if (kind != FR_JSON_OBJECT_END && kind != FR_JSON_ARRAY_END)
			fr_canonical_separate(out);
		ascii_add(out, json.text + json.start, json.at - json.start);
		if (kind == FR_JSON_KEY)
			fr_buffer_add_char(out, ':');
	}
	if (status == FR_OK && out->status != FR_OK)
		status = fr_fail(err, out->status, "%s", fr_status_text(out->status));
	return status;
}

/* As numbers: a literal may not be this long. */
static enum fr_status catalogue_print(FILE *out, const struct fr_buffer *text, struct fr_error *err)
{
	struct fr_buffer squeezed;
	enum fr_status status;
	size_t i;

	fr_buffer_init(&squeezed, 6 * (size_t)FR_CATALOGUE_BYTES_MAX);
	status = catalogue_squeeze(text, &squeezed, err);
	(void)fprintf(out,
		      "\n/* The catalogue itself, for flightrec_options_set_catalogue_json. */\n"
		      "static const char flightrec_catalogue_json[] = {");
	for (i = 0; i < squeezed.length; i++)
		(void)fprintf(out, "%s%d,", i % BYTES_A_LINE == 0 ? "\n\t" : "", squeezed.data[i]);
	(void)fprintf(out, "\n\t0};\n");
	fr_buffer_fini(&squeezed);
	return status;
}

static enum fr_status events_print(FILE *out, const struct fr_catalogue *catalogue,
				   struct fr_error *err)
{
	enum fr_status status = FR_OK;
	size_t count, i, j;
	const struct fr_declaration *events = fr_catalogue_events(catalogue, &count);

	for (i = 0; i < count && status == FR_OK; i++) {
		char name[C_NAME_TEXT], other[C_NAME_TEXT];

		status = function_print(out, &events[i], err);
		(void)c_name_lower(name, events[i].name, strlen(events[i].name));
		for (j = 0; j < i && status == FR_OK; j++)
			if (c_name_lower(other, events[j].name, strlen(events[j].name)) &&
			    strcmp(name, other) == 0)
				status = fr_fail(err, FR_INVALID,
						 "it would be the same in C as the event %s",
						 events[j].name);
		if (status != FR_OK)
			(void)fr_fail_within(err, status, "line %u: %s: ", events[i].line,
					     events[i].name);
	}
	return status;
}

static enum fr_status header_print(FILE *out, const struct words *words,
				   const struct fr_catalogue *catalogue,
				   const struct fr_buffer *text, struct fr_error *err)
{
	const char *name = base_name(words->catalogue);
	char guard[C_NAME_TEXT];
	enum fr_status status;

	if (!c_name_upper(guard, name, strlen(name)))
		return fr_fail(err, FR_INVALID, "its name is too long");
	(void)fprintf(out,
		      "/* Made by flightrec-header of %s: change that, not this. */\n"
		      "#ifndef FLIGHTREC_CATALOGUE_%s_H\n#define FLIGHTREC_CATALOGUE_%s_H\n\n%s",
		      name, guard, guard, prologue);
	status = catalogue_print(out, text, err);
	if (status == FR_OK)
		status = events_print(out, catalogue, err);
	(void)fprintf(out, "\n#endif\n");
	return status;
}

/* ---- running ---- */

/* The same bytes again leave the file, and its time, as they are. */
static enum fr_status output_write(const char *path, const char *data, size_t length,
				   struct fr_error *err)
{
	struct fr_buffer there;
	FILE *file;
	bool is_same;

	fr_buffer_init(&there, SIZE_MAX / 2);
	is_same = fr_file_read_linked(path, &there, NULL) == FR_OK && there.length == length &&
		  memcmp(there.data, data, length) == 0;
	fr_buffer_fini(&there);
	if (is_same)
		return FR_OK;
	file = fopen(path, "w");
	if (file == NULL)
		return fr_fail(err, FR_IO, "%s: cannot be written", path);
	if (fwrite(data, 1, length, file) != length) {
		(void)fclose(file);
		return fr_fail(err, FR_IO, "%s: cannot be written", path);
	}
	return fclose(file) == 0 ? FR_OK : fr_fail(err, FR_IO, "%s: cannot be written", path);
}

static enum fr_status header_make(const struct words *words, struct fr_error *err)
{
	struct fr_catalogue *catalogue = NULL;
	struct fr_buffer text;
	char *header = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&header, &length);
	enum fr_status status;

	if (out == NULL)
		return fr_fail(err, FR_NOMEM, "%s", fr_status_text(FR_NOMEM));
	fr_buffer_init(&text, FR_CATALOGUE_BYTES_MAX);
	status = fr_file_read_linked(words->catalogue, &text, err);
	if (status == FR_NONE)
		(void)fr_fail(err, status, "%s: there is no such file", words->catalogue);
	if (status == FR_OK)
		status = fr_catalogue_parse(&catalogue, words->catalogue, fr_buffer_text(&text),
					    text.length, err);
	if (status == FR_OK) {
		size_t at;

		(void)fr_comments_blank(text.data, text.length, &at); /* it was read: they end */
		status = header_print(out, words, catalogue, &text, err);
		if (status != FR_OK)
			(void)fr_fail_within(err, status, "%s: ", words->catalogue);
	}
	if (fclose(out) != 0 && status == FR_OK)
		status = fr_fail(err, FR_NOMEM, "%s", fr_status_text(FR_NOMEM));
	if (status == FR_OK && words->output != NULL)
		status = output_write(words->output, header, length, err);
	else if (status == FR_OK && fwrite(header, 1, length, stdout) != length)
		status = fr_fail(err, FR_IO, "standard output cannot be written");
	free(header);
	fr_catalogue_free(catalogue);
	fr_buffer_fini(&text);
	return status;
}

/* The words of the command line; -1, or the code to end with. */
static int words_read(struct words *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
			(void)printf("%s%s", usage, help);
			return EXIT_DONE;
		}
		if (strcmp(word, "--version") == 0) {
			(void)printf("flightrec-header %s\n", FR_VERSION);
			return EXIT_DONE;
		}
		if (strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0) {
			words->output = argv[++i];
			if (i == argc)
				break;
		} else if (word[0] == '-' || words->catalogue != NULL) {
			(void)fprintf(stderr, "flightrec-header: \"%s\" is not understood\n%s",
				      word, usage);
			return EXIT_USAGE;
		} else {
			words->catalogue = word;
		}
	}
	if (words->catalogue != NULL && argv[argc - 1] != NULL &&
	    (words->output != NULL || argc == 2))
		return -1;
	(void)fprintf(stderr, "%s", usage);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct words words = {NULL, NULL};
	struct fr_error err = {FR_OK, ""};
	int code = words_read(&words, argc, argv);

	if (code >= 0)
		return code;
	if (header_make(&words, &err) == FR_OK)
		return EXIT_DONE;
	(void)fprintf(stderr, "flightrec-header: %s\n", err.text);
	return EXIT_WRONG;
}
