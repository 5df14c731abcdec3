/* A config while it is being made: the public struct and all that stands behind it. */
#ifndef FR_CONFIG_FROZEN_H
#define FR_CONFIG_FROZEN_H

#include "base/arena.h"
#include "base/machine.h"
#include "config/config.h"
#include "config/document.h"

struct fr_config_memory {
	struct fr_arena arena;
	struct fr_document document;
	char folder[FR_PATH_MAX];       /* of the config file */
	struct fr_machine machine;      /* that this is */
	struct fr_sink_settings *sinks; /* config->sinks, while they may still be written */
	const char **missing; /* for each sink: the first secret that is not there, or NULL */
	const char **problems;
	size_t problem_count;
};

/* Puts the document's values where they are used. Secrets are left empty. */
enum fr_status fr_config_freeze(struct fr_config *config, const struct fr_home *home,
				struct fr_error *err);

/* Where every sink leads: a URL of the right kind, a file of its own. */
enum fr_status fr_config_check_addresses(const struct fr_config *config, const struct fr_home *home,
					 struct fr_error *err);

/* Fetches the secrets; notes those that are missing, and files that cannot be read. */
enum fr_status fr_config_resolve(struct fr_config *config, const struct fr_env *env,
				 struct fr_error *err);

/* Notes what is no error but should be known, with its place in front. */
enum fr_status fr_config_note(struct fr_config *config, const struct fr_place *place,
			      struct fr_error *err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The path itself when it is absolute or "", else the one below folder. FR_TOO_LARGE, FR_NOMEM. */
enum fr_status fr_config_path(struct fr_config *config, const char *folder, const char *path,
			      const char **out, struct fr_error *err);

/* Is it to be fetched from somewhere: env:NAME or file:PATH? */
bool fr_secret_is_elsewhere(const char *written);

/* Does a header of this name carry a secret, to go by its name? */
bool fr_header_is_secret(const char *name);

#endif
