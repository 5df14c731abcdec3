/* JSON laid out for reading: a member a line, indented, safe for a terminal. */
#ifndef FLIGHTREC_CLI_PRETTY_H
#define FLIGHTREC_CLI_PRETTY_H

#include <stddef.h>

#include "base/buffer.h"

/* indent: columns in front of every line but the first. Text that does not parse is appended as
 * it is, made visible. */
void cli_add_pretty(struct fr_buffer *out, const char *json, size_t length, unsigned indent);

#endif
