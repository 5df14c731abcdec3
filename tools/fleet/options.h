/* The command line of flightrec-fleet. */
#ifndef FR_FLEET_OPTIONS_H
#define FR_FLEET_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/status.h"
#include "fleet/fleet.h"

struct fleet_options {
	struct fleet_settings settings;
	const struct fleet_scenario *scenario; /* NULL: all of them */
	size_t every_s;                        /* 0: the summary only */
	const char *svg;                       /* NULL: no picture */
	bool help;
};

/* FR_INVALID says what is wrong with which option. */
enum fr_status fleet_options_parse(struct fleet_options *options, int count, char *const *arguments,
				   struct fr_error *err);
void fleet_options_help(FILE *out);

#endif
