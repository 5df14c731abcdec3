/* A day as people read it: arrivals a second, row by row, and what it comes to. */
#ifndef FR_FLEET_TABLE_H
#define FR_FLEET_TABLE_H

#include <stdio.h>

#include "fleet/fleet.h"

void fleet_table_print(FILE *out, const struct fleet_day *day, size_t every_s);

/* One line for each day, under a heading. */
void fleet_summary_head(FILE *out, const struct fleet_settings *settings);
void fleet_summary_print(FILE *out, const struct fleet_day *day);

#endif
