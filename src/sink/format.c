#include "sink/sink.h"

#include <string.h>

#include "sink/formats.h"

static const struct fr_sink_format *const formats[] = {
	&fr_sink_datadog, &fr_sink_first_party, &fr_sink_otlp, &fr_sink_clickhouse,
	&fr_sink_file,    &fr_sink_ndjson,      NULL,
};

const struct fr_sink_format *const *fr_sink_formats(void)
{
	return formats;
}

const struct fr_sink_format *fr_sink_format_find(const char *type)
{
	size_t i;

	for (i = 0; formats[i] != NULL; i++)
		if (strcmp(formats[i]->type, type) == 0)
			return formats[i];
	return NULL;
}
