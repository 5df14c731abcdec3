/* flightrec whoami: how this machine's user looks to a receiver: a bucket among few, never an id.
 */
#include <stdio.h>

#include "cli.h"
#include "config/config.h"
#include "json_out.h"
#include "look.h"
#include "privacy/identity.h"
#include "privacy/internal.h"

struct self {
	unsigned bucket, buckets;
	bool is_internal;
};

static enum fr_status self_learn(const struct cli *cli, struct self *self, struct fr_error *err)
{
	struct fr_config *config = NULL;
	enum fr_status status =
		fr_config_load(&config, &cli->home, FR_CONFIG_LIBRARY, &cli->env, err);

	if (status == FR_OK)
		status = fr_home_make(&cli->home, err);
	if (status == FR_OK && cli_is_given(cli, "reset"))
		status = fr_identity_reset(cli->home.path, &cli->env, err);
	if (status == FR_OK) {
		self->buckets = config->privacy.buckets;
		self->is_internal = fr_internal_is_allowed(
			config->privacy.internal_env, config->privacy.internal_value, &cli->env);
		status = fr_identity_bucket(cli->home.path, &cli->env, self->buckets, &self->bucket,
					    err);
	}
	fr_config_free(config);
	return status;
}

static int self_tell(const struct cli *cli, const struct self *self)
{
	struct fr_error err = {0};
	struct cli_json json;

	if (!cli->json) {
		(void)printf("bucket %u of %u (0 to %u)%s, internal: %s\n", self->bucket,
			     self->buckets, self->buckets - 1,
			     cli_is_given(cli, "reset") ? ", of a new identity" : "",
			     self->is_internal ? "yes" : "no");
		return CLI_DONE;
	}
	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_int(&json, "bucket", self->bucket);
	cli_json_int(&json, "buckets", self->buckets);
	cli_json_bool(&json, "internal", self->is_internal);
	cli_json_bool(&json, "reset", cli_is_given(cli, "reset"));
	cli_json_object_end(&json);
	return cli_json_finish(&json, &err) == FR_OK ? CLI_DONE : cli_failed(&err);
}

static int whoami_run(struct cli *cli)
{
	struct fr_consent_decision consent;
	struct self self = {0};
	struct fr_error err = {0};

	(void)cli_consent_decide(cli, &consent, &err); /* off, too, when it cannot be told */
	if (consent.level == FR_CONSENT_OFF) {
		cli_complain("nobody: %s", consent.why);
		return CLI_WRONG;
	}
	if (self_learn(cli, &self, &err) != FR_OK)
		return cli_failed(&err);
	return self_tell(cli, &self);
}

static const struct cli_option whoami_options[] = {
	{"reset", 0, NULL, "take a new random identity"},
	{0},
};

const struct cli_command cmd_whoami = {
	.name = "whoami",
	.operands = "",
	.summary = "your bucket, never your id",
	.help = "Shows what a receiver can learn about who you are: the bucket that a random\n"
		"identity on this machine falls into, one of a few, and whether this\n"
		"environment is an insider's. The identity itself is never shown, recorded or\n"
		"sent. A program that knows its own user may use another bucket than this.\n"
		"\n"
		"Examples:\n"
		"  flightrec whoami\n"
		"  flightrec whoami --reset",
	.options = whoami_options,
	.run = whoami_run,
};
