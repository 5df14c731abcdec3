/* One declared event as C: a constant for its name, an enum for each closed list of texts, and a
 * typed function that records it.
 */
#ifndef FLIGHTREC_HEADER_FUNCTION_H
#define FLIGHTREC_HEADER_FUNCTION_H

#include <stdio.h>

#include "base/status.h"
#include "privacy/catalogue.h"

/* FR_INVALID when two of its names would be one in C. */
enum fr_status function_print(FILE *out, const struct fr_declaration *declaration,
			      struct fr_error *err);

#endif
