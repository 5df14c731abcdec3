/* Days as one SVG picture: a panel for each, arrivals a second as a part of the fleet. */
#ifndef FR_FLEET_PLOT_H
#define FR_FLEET_PLOT_H

#include <stddef.h>
#include <stdio.h>

#include "fleet/fleet.h"

void fleet_plot_write(FILE *out, const struct fleet_day *days, size_t count);

#endif
