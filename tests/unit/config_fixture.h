/* A config from text, as the tests of config/ read one: its file is /h/app.json, its home /h. */
#ifndef FR_UNIT_CONFIG_FIXTURE_H
#define FR_UNIT_CONFIG_FIXTURE_H

#include "config/config.h"

/* /h, with the config /h/app.json. */
struct fr_home config_home(void);

/* Reads a text that must be right. The caller frees. */
struct fr_config *config_of(const char *text, enum fr_config_reader reader);

/* Reads a text that must be wrong, with exactly this message. */
void config_refuses(const char *text, const char *message);

/* The settings of one sink, written as the inside of its object: the message, or NULL when it is
 * right. */
void config_refuses_sink(const char *inside, const char *message);

/* The value and the origin that are shown for a key; "" for one that is not shown. */
struct config_shown {
	char value[1200];
	char origin[256];
};
struct config_shown config_show_key(const struct fr_config *config, const char *key);

#endif
