/* A host that records what its catalogue declares, in C and in C++. With UNDECLARED it asks for an
 * event that the catalogue does not know, and must not compile. */
#include <stdio.h>

#include "events.h"

int main(void)
{
	flightrec_options *options = flightrec_options_new();
	flightrec *recorder;
	enum flightrec_status full, sparse, start, typo;

	flightrec_options_set_catalogue_json(options, flightrec_catalogue_json);
	if (flightrec_open(&recorder, options) != FLIGHTREC_OK)
		return 2;
	full = flightrec_log_tool_use_error(recorder, FLIGHTREC_TOOL_USE_ERROR_TOOL_NAME_EDIT_FILE,
					    "permission_denied", 450, 0.5, 1, "[1,2]");
	sparse = flightrec_log_tool_use_error(
		recorder, FLIGHTREC_TOOL_USE_ERROR_TOOL_NAME_RUN_COMMAND_3, NULL,
		FLIGHTREC_ABSENT_INT, FLIGHTREC_ABSENT_DOUBLE, FLIGHTREC_ABSENT_BOOL, NULL);
	start = flightrec_log_app_start(recorder);
	typo = flightrec_record(recorder, "tool_use_eror", NULL);
#ifdef UNDECLARED
	start = flightrec_log_app_stop(recorder);
#endif
	flightrec_close(recorder);
	printf("%d %d %d %d %s\n", (int)full, (int)sparse, (int)start, (int)typo,
	       FLIGHTREC_EVENT_APP_START);
	return 0;
}
