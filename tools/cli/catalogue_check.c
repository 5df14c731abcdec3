#include "catalogue_check.h"

#include <stdio.h>
#include <string.h>

#include "catalogue_words.h"
#include "cli.h"
#include "config/config.h"
#include "json_out.h"
#include "output.h"
#include "table.h"

enum { WORDS_MOST = 256 * 1024 };

/* A catalogue on its way out. */
struct showing {
	const struct cli *cli;
	const char *file;
	struct cli_table table;
	struct cli_json json;
	struct fr_buffer words;
	size_t lacks;
};

/* The words of something, valid until the next. */
static const char *schema_words(struct showing *showing, const struct fr_schema *schema)
{
	fr_buffer_clear(&showing->words);
	cli_schema_words(&showing->words, schema);
	return fr_buffer_text(&showing->words);
}

static const char *route_words(struct showing *showing, const struct fr_declaration *declaration)
{
	fr_buffer_clear(&showing->words);
	cli_route_words(&showing->words, declaration);
	return fr_buffer_text(&showing->words);
}

static const char *severity_words(const struct fr_declaration *declaration)
{
	return declaration->has_severity ? fr_severity_name(declaration->severity) : "info";
}

/* ---- a table ---- */

static const struct cli_column columns[] = {
	{"EVENT", false, 0},
	{"PROPERTY", false, 0},
	{"MAY BE", false, 0},
	{"WHAT IT IS", false, 0},
};

static void property_row(void *context, const char *path, const struct fr_schema *schema,
			 bool is_required)
{
	struct showing *showing = context;
	char name[704];

	(void)snprintf(name, sizeof name, "%s%s", path, is_required ? " (required)" : "");
	cli_table_cell(&showing->table, CLI_PLAIN, "");
	cli_table_cell(&showing->table, CLI_PLAIN, name);
	cli_table_cell(&showing->table, CLI_PLAIN, schema_words(showing, schema));
	cli_table_cell(&showing->table, CLI_DIM, schema->description);
}

static void event_rows(struct showing *showing, const struct fr_declaration *declaration)
{
	char facts[512];

	(void)snprintf(facts, sizeof facts, "%s, for %s, to %s%s%s%s%s",
		       severity_words(declaration),
		       declaration->is_internal ? "insiders" : "everybody",
		       route_words(showing, declaration),
		       declaration->expires[0] != '\0' ? ", until " : "", declaration->expires,
		       declaration->sample != NULL ? ", in this share of the sessions: " : "",
		       declaration->sample != NULL ? declaration->sample : "");
	cli_table_cell(&showing->table, CLI_BOLD, declaration->name);
	cli_table_cell(&showing->table, CLI_PLAIN, "");
	cli_table_cell(&showing->table, CLI_DIM, facts);
	cli_table_cell(&showing->table, CLI_PLAIN, declaration->description);
	cli_properties_walk(declaration, property_row, showing);
}

/* ---- Markdown ---- */

/* Text in a cell or a line: what Markdown would take for its own is escaped. */
static void markdown_print(const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("\\`*_{}[]<>|#", *text) != NULL)
			(void)putchar('\\');
		(void)putchar(*text == '\n' || *text == '\r' ? ' ' : *text);
	}
}

static void markdown_fact(const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	(void)printf("- %s: ", what);
	markdown_print(text);
	(void)putchar('\n');
}

static void markdown_property(void *context, const char *path, const struct fr_schema *schema,
			      bool is_required)
{
	(void)printf("| ");
	markdown_print(path);
	(void)printf(" | ");
	markdown_print(schema_words(context, schema));
	(void)printf(" | %s | ", is_required ? "always" : "");
	markdown_print(schema->description);
	(void)printf(" |\n");
}

static void markdown_event(struct showing *showing, const struct fr_declaration *declaration)
{
	(void)printf("\n## ");
	markdown_print(declaration->name);
	(void)printf("\n\n");
	if (declaration->description[0] != '\0') {
		markdown_print(declaration->description);
		(void)printf("\n\n");
	}
	markdown_fact("Recorded for", declaration->purpose);
	markdown_fact("Sent to", route_words(showing, declaration));
	markdown_fact("Severity", severity_words(declaration));
	markdown_fact("Audience", declaration->is_internal ? "insiders only" : "everybody");
	markdown_fact("Share of the sessions",
		      declaration->sample != NULL ? declaration->sample : "");
	markdown_fact("Until", declaration->expires);
	markdown_fact("Ask", declaration->owner);
	if (declaration->schema.member_count == 0) {
		(void)printf("\nIt carries no properties.\n");
		return;
	}
	(void)printf("\n| Property | May be | Required | What it is |\n|---|---|---|---|\n");
	cli_properties_walk(declaration, markdown_property, showing);
}

/* ---- JSON ---- */

static void json_property(void *context, const char *path, const struct fr_schema *schema,
			  bool is_required)
{
	struct showing *showing = context;

	cli_json_object(&showing->json, NULL);
	cli_json_string(&showing->json, "path", path);
	cli_json_string(&showing->json, "mayBe", schema_words(showing, schema));
	cli_json_bool(&showing->json, "required", is_required);
	cli_json_string(&showing->json, "description", schema->description);
	cli_json_object_end(&showing->json);
}

static void json_event(struct showing *showing, const struct fr_declaration *declaration)
{
	struct cli_json *json = &showing->json;

	cli_json_object(json, NULL);
	cli_json_string(json, "name", declaration->name);
	cli_json_string(json, "description", declaration->description);
	cli_json_string(json, "owner", declaration->owner);
	cli_json_string(json, "purpose", declaration->purpose);
	cli_json_string(json, "audience", declaration->is_internal ? "internal" : "public");
	cli_json_string(json, "severity", severity_words(declaration));
	cli_json_string(json, "expires",
			declaration->expires[0] != '\0' ? declaration->expires : NULL);
	if (declaration->route != NULL)
		cli_json_raw(json, "sinks", declaration->route, strlen(declaration->route));
	else
		cli_json_null(json, "sinks");
	if (declaration->sample != NULL)
		cli_json_raw(json, "sample", declaration->sample, strlen(declaration->sample));
	cli_json_array(json, "properties");
	cli_properties_walk(declaration, json_property, showing);
	cli_json_array_end(json);
	cli_json_object_end(json);
}

/* ---- the whole ---- */

static void on_lack(void *context, unsigned line, const char *event, const char *path,
		    const char *words)
{
	struct showing *showing = context;
	char text[1024];

	(void)snprintf(text, sizeof text, "%s:%u: %s%s%s: %s", showing->file, line, event,
		       path[0] != '\0' ? "." : "", path, words);
	showing->lacks++;
	if (showing->cli->json)
		cli_json_string(&showing->json, NULL, text);
	else
		cli_complain("%s", text);
}

/* The config only helps to see which sinks there are: without one that reads, nobody knows. */
static void lacks_tell(struct showing *showing, const struct fr_catalogue *catalogue)
{
	struct fr_config *config = NULL;
	size_t count, i;
	const struct fr_declaration *events = fr_catalogue_events(catalogue, &count);

	(void)fr_config_load(&config, &showing->cli->home, FR_CONFIG_STRICT, &showing->cli->env,
			     NULL);
	for (i = 0; i < count; i++)
		cli_declaration_lint(&events[i], config, fr_env_wall_us(&showing->cli->env),
				     on_lack, showing);
	fr_config_free(config);
}

static void json_tell(struct showing *showing, const struct fr_catalogue *catalogue)
{
	size_t count, i;
	const struct fr_declaration *events = fr_catalogue_events(catalogue, &count);

	cli_json_object(&showing->json, NULL);
	cli_json_string(&showing->json, "file", showing->file);
	cli_json_array(&showing->json, "events");
	for (i = 0; i < count; i++)
		json_event(showing, &events[i]);
	cli_json_array_end(&showing->json);
	cli_json_array(&showing->json, "problems");
	lacks_tell(showing, catalogue);
	cli_json_array_end(&showing->json);
	cli_json_object_end(&showing->json);
}

static enum fr_status events_tell(struct showing *showing, const struct fr_catalogue *catalogue,
				  struct fr_error *err)
{
	bool is_markdown = cli_is_given(showing->cli, "markdown");
	size_t count, i;
	const struct fr_declaration *events = fr_catalogue_events(catalogue, &count);

	if (showing->cli->json) {
		json_tell(showing, catalogue);
		return cli_json_print(&showing->json, err);
	}
	if (is_markdown)
		(void)printf("# What is recorded\n");
	for (i = 0; i < count; i++) {
		if (is_markdown)
			markdown_event(showing, &events[i]);
		else
			event_rows(showing, &events[i]);
	}
	return FR_OK;
}

int cli_catalogue_check(const struct cli *cli, const char *file)
{
	struct showing showing = {.cli = cli, .file = file};
	struct fr_catalogue *catalogue = NULL;
	struct fr_error err = {0};
	enum fr_status status = fr_catalogue_load(&catalogue, file, &err);

	if (status == FR_NONE)
		(void)fr_fail(&err, status, "%s: there is no such file", file);
	if (status != FR_OK)
		return cli_failed(&err);
	cli_table_init(&showing.table, cli, columns, sizeof columns / sizeof *columns, SIZE_MAX);
	cli_json_init(&showing.json);
	fr_buffer_init(&showing.words, WORDS_MOST);
	status = events_tell(&showing, catalogue, &err);
	if (cli_table_finish(&showing.table, &err) != FR_OK)
		status = FR_NOMEM;
	(void)fflush(stdout);
	if (!cli->json)
		lacks_tell(&showing, catalogue);
	fr_buffer_fini(&showing.words);
	cli_json_fini(&showing.json);
	fr_catalogue_free(catalogue);
	if (status != FR_OK)
		return cli_failed(&err);
	return showing.lacks == 0 ? CLI_DONE : CLI_WRONG;
}
