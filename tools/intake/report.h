/* What the intake prints: a line for each delivery, and a summary; for people or as JSON. */
#ifndef FR_INTAKE_REPORT_H
#define FR_INTAKE_REPORT_H

#include <stdbool.h>

#include "base/status.h"
#include "intake/exchange.h"
#include "intake/store.h"

void intake_report_delivery(const struct intake_exchange *exchange, bool as_json);

enum fr_status intake_report_summary(struct intake_store *store, bool as_json,
				     struct fr_error *err);

#endif
