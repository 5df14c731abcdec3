/* A catalogue in words: for the table, for Markdown, for messages. */
#ifndef FLIGHTREC_CLI_CATALOGUE_WORDS_H
#define FLIGHTREC_CLI_CATALOGUE_WORDS_H

#include "base/buffer.h"
#include "privacy/catalogue.h"

/* What a value may be: "text of at most 64 characters that matches ^[a-z_]+$", "whole number, at
 * least 0, in ms". The members of an object are not told. */
void cli_schema_words(struct fr_buffer *out, const struct fr_schema *schema);

/* The sinks of a declaration: "datadog, first-party". */
void cli_route_words(struct fr_buffer *out, const struct fr_declaration *declaration);

/* Each property, objects' members and lists' items under theirs: "outer.inner", "list[].inner". */
typedef void cli_on_property(void *context, const char *path, const struct fr_schema *schema,
			     bool is_required);
void cli_properties_walk(const struct fr_declaration *declaration, cli_on_property *on_property,
			 void *context);

/* What a declaration lacks, one sentence each; config NULL: no sinks are known. */
struct fr_config;
typedef void cli_on_lack(void *context, unsigned line, const char *event, const char *path,
			 const char *words);
void cli_declaration_lint(const struct fr_declaration *declaration, const struct fr_config *config,
			  int64_t now_us, cli_on_lack *on_lack, void *context);

#endif
