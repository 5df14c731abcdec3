/* How bad an event is; the order is the order in which a full queue gives events up. */
#ifndef FR_EVENT_SEVERITY_H
#define FR_EVENT_SEVERITY_H

#include <stdbool.h>

enum fr_severity {
	FR_TRACE = 1,
	FR_DEBUG = 2,
	FR_INFO = 3,
	FR_WARN = 4,
	FR_ERROR = 5,
	FR_FATAL = 6,
};

/* "trace" ... "fatal"; never NULL. */
const char *fr_severity_name(enum fr_severity severity);

bool fr_severity_parse(const char *name, enum fr_severity *out);

#endif
