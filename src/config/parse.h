/* The text of a config into a document: every key known, of the right type and in range, given
 * once.
 *
 * No I/O. What concerns several keys at once is validate.h's.
 */
#ifndef FR_CONFIG_PARSE_H
#define FR_CONFIG_PARSE_H

#include "config/parser.h"

/* Comments are blanked in the text. The library's reader passes over the sinks and over keys nobody
 * knows. */
enum fr_status fr_document_parse(struct fr_document *document, char *text, size_t length,
				 enum fr_config_reader reader, struct fr_error *err);

/* May a config give a header this name: is it a token, short enough, and not one of those that are
 * Flightrec's own to set (parse_lists.c)? */
bool fr_header_may_be_given(const char *name);

/* The items of the list, the members of the object, that was just opened (parse_lists.c). */
enum fr_status fr_parse_globs(struct fr_parser *parser, const struct fr_key *key);
enum fr_status fr_parse_headers(struct fr_parser *parser, const struct fr_key *key);

#endif
