/* The inside of JSON strings, for the scanner in json.c. */
#ifndef FR_EVENT_JSON_STRING_H
#define FR_EVENT_JSON_STRING_H

#include "event/json.h"

/* Reads the string whose opening quote is at json->at and moves behind its closing one; sets
 * `escaped`. NULL, or what is wrong at json->at. */
const char *fr_json_string_scan(struct fr_json *json);

#endif
