/* What a host asked for, until flightrec_open takes it.
 *
 * A setter never fails by itself: that memory was short is remembered and reported by
 * flightrec_open.
 */
#ifndef FR_CLIENT_OPTIONS_H
#define FR_CLIENT_OPTIONS_H

#include <stdbool.h>

#include "base/log.h"
#include "flightrec.h"

struct flightrec_options {
	char *app; /* NULL: not said */
	char *service;
	char *version;
	char *home;
	char *config;
	char *catalogue_json;
	char *user_id; /* wiped before it is freed */
	char *name_space, *pod, *cluster;
	bool has_durability;
	enum flightrec_durability durability;
	bool has_consent;
	enum flightrec_consent consent;
	unsigned busy_ms;
	struct fr_logger log;
	int (*show_notice)(void *context); /* NULL: no notice rule */
	void *notice_context;
	bool is_out_of_memory;
};

enum { FR_BUSY_MS_DEFAULT = 1000, FR_BUSY_MS_MAX = 60000 };

#endif
