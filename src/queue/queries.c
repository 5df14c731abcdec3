#include "queue/queries.h"

#include <stddef.h>

#include "flightrec_queries.h"

static const char *const query_texts[FR_QUERY_COUNT] = {
#define QUERY_TEXT(name) [FR_QUERY_##name] = fr_sql_##name,
	FR_QUERIES(QUERY_TEXT)
#undef QUERY_TEXT
};

const char *fr_query_text(enum fr_query query)
{
	return query_texts[query];
}
