#include "event/severity.h"

#include <string.h>

static const char *const names[] = {
	[FR_TRACE] = "trace", [FR_DEBUG] = "debug", [FR_INFO] = "info",
	[FR_WARN] = "warn",   [FR_ERROR] = "error", [FR_FATAL] = "fatal",
};

/* A row that somebody wrote into the file by hand may hold any number: it reads as info. */
const char *fr_severity_name(enum fr_severity severity)
{
	return severity >= FR_TRACE && severity <= FR_FATAL ? names[severity] : names[FR_INFO];
}

bool fr_severity_parse(const char *name, enum fr_severity *out)
{
	int i;

	for (i = FR_TRACE; i <= FR_FATAL; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum fr_severity)i;
			return true;
		}
	}
	return false;
}
