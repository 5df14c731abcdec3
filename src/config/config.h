/* The configuration: parsed without side effects, validated as a whole, then frozen.
 *
 * One table (keys.c) of {key, type, default, least, most, help} drives parsing, messages,
 * `config show` and the README's reference. Messages name file, line and key:
 *   config.json:7: sinks[1].batch.max_wait: "15 seconds" is not a duration (write "15s")
 *
 * Two readers: FR_CONFIG_STRICT (agent, tool) takes every section and refuses what it does not
 * know; FR_CONFIG_LIBRARY reads only service, version, queue, privacy and limits and passes over
 * keys it does not know, so that a newer config never silences an older program. What both know,
 * both judge alike.
 *
 * Paths in a config are relative to the folder it is in, a file sink's to the home. Nothing here
 * opens or looks for a queue.
 * Life: load, use as const, free. Threads: immutable after load.
 */
#ifndef FR_CONFIG_CONFIG_H
#define FR_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/env.h"
#include "base/home.h"
#include "privacy/consent.h"
#include "queue/queue.h"
#include "sink/sink.h"

enum { FR_CONFIG_BYTES_MAX = 1024 * 1024 };

enum fr_config_reader {
	FR_CONFIG_LIBRARY,
	FR_CONFIG_STRICT,
};

struct fr_config {
	char file[FR_PATH_MAX]; /* "" when defaults only */
	const char *service;    /* "" when not given */
	const char *version;
	struct {
		enum fr_durability durability;
		int64_t max_bytes;
		int64_t max_age_ms; /* 0: never by age */
		int64_t max_event_bytes;
	} queue;
	struct {
		bool has_default;
		enum fr_consent default_level;
		bool has_cap;
		enum fr_consent cap; /* privacy.consent */
		unsigned buckets;
		const char *catalogue;    /* absolute path; "" unset */
		const char *const *scrub; /* patterns besides the built-in rules */
		size_t scrub_count;
		const char *internal_env; /* "" unset: internal events exist nowhere */
		const char *internal_value;
		enum fr_keep_sent keep_sent;
	} privacy;
	struct {
		unsigned burst; /* 0: no limit */
		unsigned per_second;
	} limits;
	const struct fr_sink_settings *sinks; /* none for the library's reader */
	size_t sink_count;
	struct fr_config_memory *memory; /* owns every string above */
};

/* Reads home->config, or takes defaults when it is "". FR_INVALID with the one message that
 * matters when it is wrong, or missing though somebody named it. Secrets (env: and file:) are
 * resolved, by the strict reader only; one that is missing is no error: its sink is in the list
 * with an empty secret, see fr_config_missing_secret, so that the agent can say so instead of
 * not starting. What an otlp sink leaves open comes from the environment (config/otel.h). */
enum fr_status fr_config_load(struct fr_config **out, const struct fr_home *home,
			      enum fr_config_reader reader, const struct fr_env *env,
			      struct fr_error *err);

/* The same from memory and without any I/O: no secret is resolved, none is missing. home->config
 * is the name of the text. */
enum fr_status fr_config_parse(struct fr_config **out, const struct fr_home *home,
			       enum fr_config_reader reader, const char *text, size_t length,
			       struct fr_error *err);

/* Accepts NULL. */
void fr_config_free(struct fr_config *config);

/* Fills in what the config has to say about consent; the rest of the rules is left as it is. The
 * rules then borrow from the config. */
void fr_config_consent_rules(const struct fr_config *config, struct fr_consent_rules *rules);

/* Things that are not errors but somebody should know: a sink that may send nothing, a secret
 * that is not there. Each names file, line and key. NULL when
 * index is past the last. */
const char *fr_config_problem(const struct fr_config *config, size_t index);

/* A secret of this sink is missing: its courier stays paused and says which ("api_key: the
 * environment variable DD_API_KEY is not set"). NULL when all are there. */
const char *fr_config_missing_secret(const struct fr_config *config, size_t sink);

/* ---- secrets that change while the agent runs ---- */

/* The files that secrets are read from, whether they are there or not; NULL past the last. */
const char *fr_config_secret_file(const struct fr_config *config, size_t index);

/* Has any of them changed since it was read, or since this was asked? One look at each. */
bool fr_config_secrets_have_moved(struct fr_config *config);

/* The same config, whatever its file says by now, with the secrets of now. One that cannot be read
 * any more, or not yet, keeps its former value. For a config that was loaded by the strict reader.
 */
enum fr_status fr_config_renew(struct fr_config **out, const struct fr_config *config,
			       const struct fr_env *env, struct fr_error *err);

/* Of two readings of one config. */
bool fr_config_has_same_secrets(const struct fr_config *a, const struct fr_config *b);

/* Every key with its value and where it came from ("config.json:3", "default"); secrets as <from
 * env:X>. Keys that a sink's type does not take are passed over. The texts are valid for the
 * call. */
typedef void fr_on_setting(void *context, const char *key, const char *value, const char *origin);
void fr_config_show(const struct fr_config *config, fr_on_setting *on_setting, void *context);

/* The reference of all keys as two Markdown tables, from the key table; the README's is
 * generated from it. */
void fr_config_reference(FILE *out);

#endif
