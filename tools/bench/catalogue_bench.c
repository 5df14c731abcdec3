/* What a catalogue adds to a call: the look-up and the trim of a typical event, against reading the
 * same event's JSON, which every call does anyway. */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "event/draft.h"
#include "privacy/catalogue.h"

enum { EVENTS = 200, ROUNDS = 200, CALLS = 500 };

static const char properties[] =
	"{\"toolName\":{\"type\":\"string\",\"enum\":[\"edit_file\",\"run_command\",\"read_file\"]}"
	","
	"\"errorType\":{\"type\":\"string\",\"maxLength\":64,\"pattern\":\"^[a-z_]+$\"},"
	"\"duration\":{\"type\":\"integer\",\"minimum\":0},"
	"\"file\":{\"type\":\"string\",\"maxLength\":256},\"line\":{\"type\":\"integer\"},"
	"\"retries\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":10},"
	"\"message\":{\"type\":\"string\",\"maxLength\":500},"
	"\"model\":{\"type\":\"string\",\"maxLength\":32},"
	"\"requestId\":{\"type\":\"string\",\"pattern\":\"^req_[0-9A-Za-z]+$\"},"
	"\"exitCode\":{\"type\":\"integer\"}}";

/* A catalogue of many events that all look like the typical one. */
static struct fr_catalogue *catalogue_make(void)
{
	struct fr_catalogue *catalogue = NULL;
	struct fr_error err = {FR_OK, ""};
	struct fr_buffer text;

	fr_buffer_init(&text, FR_CATALOGUE_BYTES_MAX);
	fr_buffer_add_text(&text, "{\"catalogue\":1,\"events\":{");
	for (int i = 0; i < EVENTS; i++)
		fr_buffer_add_format(&text, "%s\"tool_use_error_%d\":{\"properties\":%s}",
				     i > 0 ? "," : "", i, properties);
	fr_buffer_add_text(&text, "}}");
	if (fr_catalogue_parse(&catalogue, "bench", fr_buffer_text(&text), text.length, &err) !=
	    FR_OK)
		bench_give_up("catalogue", err.text);
	fr_buffer_fini(&text);
	return catalogue;
}

/* The reading of an event, and with a catalogue the rest too: nanoseconds for one. */
static double call_cost(const struct fr_catalogue *catalogue)
{
	double start = bench_now_us();

	for (int i = 0; i < CALLS; i++) {
		struct fr_error err = {FR_OK, ""};
		struct fr_trimmed trimmed = {0, 0, 0};
		const struct fr_declaration *declared;
		struct fr_draft draft;

		fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
		fr_draft_set_name(&draft, "tool_use_error_77");
		fr_draft_add_object(&draft, bench_properties, strlen(bench_properties));
		if (fr_draft_finish(&draft, NULL, 0, &err) != FR_OK)
			bench_give_up("catalogue", err.text);
		if (catalogue != NULL) {
			declared = fr_catalogue_find(catalogue, draft.name);
			if (declared == NULL ||
			    fr_catalogue_trim(declared, &draft.properties, &trimmed, &err) != FR_OK)
				bench_give_up("catalogue", "the typical event is not declared");
		}
		if (trimmed.undeclared + trimmed.ill_typed + trimmed.missing > 0)
			bench_give_up("catalogue", "the typical event was trimmed");
		fr_draft_fini(&draft);
	}
	return (bench_now_us() - start) * 1000 / CALLS;
}

void bench_catalogue(void)
{
	static double reading[ROUNDS], checking[ROUNDS];
	struct fr_catalogue *catalogue = catalogue_make();

	for (int i = 0; i < ROUNDS; i++) {
		reading[i] = call_cost(NULL);
		checking[i] = call_cost(catalogue) - reading[i];
	}
	bench_tell("catalogue", "reading the JSON of a typical event",
		   bench_quantile(reading, ROUNDS, 0.5), "ns", NULL);
	bench_tell("catalogue", "holding it against one of 200 declarations",
		   bench_quantile(checking, ROUNDS, 0.5), "ns", "under 2000");
	fr_catalogue_free(catalogue);
}
