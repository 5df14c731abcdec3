/* JSON for programs, built member by member and written whole. Commas are its own business; text
 * that is no UTF-8 goes out with U+FFFD in place of what is wrong, so that the output always is
 * JSON.
 * Life: init, members, finish. Errors stick until finish.
 */
#ifndef FLIGHTREC_CLI_JSON_OUT_H
#define FLIGHTREC_CLI_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct cli_json {
	struct fr_buffer text;
};

void cli_json_init(struct cli_json *json);

/* Writes text and newline to standard output; the memory stays for the next one. */
enum fr_status cli_json_print(struct cli_json *json, struct fr_error *err);
void cli_json_fini(struct cli_json *json);

/* Both in one. */
enum fr_status cli_json_finish(struct cli_json *json, struct fr_error *err);

/* key: NULL inside an array and at the top. */
void cli_json_object(struct cli_json *json, const char *key);
void cli_json_object_end(struct cli_json *json);
void cli_json_array(struct cli_json *json, const char *key);
void cli_json_array_end(struct cli_json *json);

void cli_json_string(struct cli_json *json, const char *key, const char *text); /* NULL: null */
void cli_json_string_n(struct cli_json *json, const char *key, const char *text, size_t length);
void cli_json_int(struct cli_json *json, const char *key, int64_t value);
void cli_json_bool(struct cli_json *json, const char *key, bool value);
void cli_json_null(struct cli_json *json, const char *key);

/* A value that is JSON already. */
void cli_json_raw(struct cli_json *json, const char *key, const char *text, size_t length);

/* A time as RFC 3339; null for 0. */
void cli_json_time(struct cli_json *json, const char *key, int64_t wall_us);

#endif
