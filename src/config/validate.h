/* What a document must obey beyond its rows: keys that need or exclude each other. */
#ifndef FR_CONFIG_VALIDATE_H
#define FR_CONFIG_VALIDATE_H

#include "config/document.h"

/* The first thing that is wrong, with its place. No I/O. */
enum fr_status fr_document_validate(const struct fr_document *document, struct fr_error *err);

#endif
