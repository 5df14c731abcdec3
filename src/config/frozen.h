/* A config while it is being made: the public struct and all that stands behind it. */
#ifndef FR_CONFIG_FROZEN_H
#define FR_CONFIG_FROZEN_H

#include "base/arena.h"
#include "base/machine.h"
#include "base/stamp.h"
#include "config/config.h"
#include "config/document.h"

/* A file that a secret was read from. */
struct fr_secret_file {
	const char *path;
	const char *value; /* NULL: it could not be read */
	struct fr_stamp stamp;
};

struct fr_config_memory {
	struct fr_arena arena;
	struct fr_document document;
	char folder[FR_PATH_MAX];       /* of the config file */
	struct fr_machine machine;      /* that this is */
	struct fr_sink_settings *sinks; /* config->sinks, while they may still be written */
	const char **missing; /* for each sink: the first secret that is not there, or NULL */
	const char **problems;
	size_t problem_count;

	/* For another reading of the same config (renew.c); the strict reader keeps them. */
	struct fr_home home;
	const char *text; /* as it was written; NULL: not kept */
	size_t text_length;
	struct fr_secret_file *secret_files;
	size_t secret_file_count;
	const struct fr_config *former; /* while secrets are fetched: who has the older ones */
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

/* A file of a secret, its looks noted before it is read. */
enum fr_status fr_secret_file_note(struct fr_config *config, const char *path,
				   struct fr_secret_file **out, struct fr_error *err);

/* What the former config read from that file; NULL: nothing, or there is none. */
const char *fr_secret_former(const struct fr_config *config, const char *path);

/* Is it to be fetched from somewhere: env:NAME or file:PATH? */
bool fr_secret_is_elsewhere(const char *written);

/* Does a header of this name carry a secret, to go by its name? */
bool fr_header_is_secret(const char *name);

#endif
