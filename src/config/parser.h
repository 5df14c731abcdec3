/* The scanner as the config's parser uses it: tokens as text, lines instead of bytes, faults
 * with a place. */
#ifndef FR_CONFIG_PARSER_H
#define FR_CONFIG_PARSER_H

#include "base/buffer.h"
#include "base/status.h"
#include "config/config.h"
#include "config/document.h"
#include "event/json.h"

struct fr_parser {
	struct fr_document *document;
	struct fr_scope *scope; /* the top, or the sink under way */
	enum fr_config_reader reader;
	struct fr_json json;
	struct fr_buffer scratch; /* the last token as text */
	unsigned line;            /* how many newlines, and one, there are before `counted` */
	size_t counted;
	struct fr_error *err;
};

/* The text must stay until fini. */
void fr_parser_init(struct fr_parser *parser, struct fr_document *document,
		    enum fr_config_reader reader, const char *text, size_t length);
void fr_parser_fini(struct fr_parser *parser);

/* The next token; a fault of the grammar names file and line. */
enum fr_status fr_parser_next(struct fr_parser *parser, enum fr_json_kind *kind);
enum fr_status fr_parser_skip(struct fr_parser *parser, enum fr_json_kind kind);

/* The token just read as text, valid until the next call. */
enum fr_status fr_parser_token(struct fr_parser *parser, enum fr_json_kind kind,
			       struct fr_token *out);

/* A copy of a token's text that lasts as long as the document. */
enum fr_status fr_parser_keep(struct fr_parser *parser, const struct fr_token *token,
			      const char **out);

/* The line of the token just read, and the place of a path there; path is borrowed. */
unsigned fr_parser_line(struct fr_parser *parser);
struct fr_place fr_parser_place(struct fr_parser *parser, const char *path);

#endif
