/* The command line of flightrecd, read without any I/O. */
#ifndef FR_AGENT_OPTIONS_H
#define FR_AGENT_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "base/log.h"
#include "base/status.h"

enum fr_agent_task {
	FR_TASK_SERVE,
	FR_TASK_DRAIN,
	FR_TASK_CHECK_CONFIG,
	FR_TASK_HELP,
	FR_TASK_VERSION,
};

struct fr_agent_options {
	enum fr_agent_task task;
	const char *app; /* NULL: not said, as the next two; all borrow from argv */
	const char *home;
	const char *config;
	enum fr_log_level log_level;
	int64_t drain_ms; /* how long --drain may take */
};

/* FR_INVALID with one sentence for the user when something is wrong. */
enum fr_status fr_agent_options_parse(struct fr_agent_options *options, int argc, char **argv,
				      struct fr_error *err);

void fr_agent_options_help(FILE *out);

#endif
