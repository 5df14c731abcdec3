#include "recording.h"

#include <string.h>

#include "base/file.h"
#include "cli.h"
#include "look.h"

static const struct {
	enum fr_status status;
	const char *word;
} words[] = {
	{FR_OK, "ok"},
	{FR_OFF, "off"},
	{FR_UNDECLARED, "undeclared"},
	{FR_EXPIRED, "expired"},
	{FR_NOT_INTERNAL, "not_internal"},
	{FR_LIMITED, "limited"},
	{FR_INVALID, "invalid"},
	{FR_TOO_LARGE, "too_large"},
	{FR_NOMEM, "no_memory"},
	{FR_FULL, "full"},
	{FR_BUSY, "busy"},
	{FR_IO, "io"},
	{FR_CORRUPT, "corrupt"},
	{FR_UNCERTAIN, "uncertain"},
	{FR_TOO_NEW, "too_new"},
};

const char *cli_status_word(enum fr_status status)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].status == status)
			return words[i].word;
	}
	return "unknown";
}

const char *cli_refusal(const flightrec *recorder, const struct fr_error *err)
{
	return err->status == FR_OFF ? recorder->consent.decision.why : err->text;
}

/* The library's own messages: the event's name in front is for logs. What is wrong with consent is
 * told by whoever refuses because of it. */
static void on_log(void *context, int level, const char *text)
{
	static const char consent[] = "consent.fault ";
	const char *words_begin = strchr(text, ' ');

	(void)context;
	if (level <= FR_LOG_WARN && strncmp(text, consent, sizeof consent - 1) != 0)
		cli_complain("%s: %s", fr_log_level_name(level),
			     words_begin != NULL ? words_begin + 1 : text);
}

static int durability_set(const struct cli *cli, flightrec_options *options)
{
	const char *word = cli_value(cli, "durability");

	if (word == NULL)
		return CLI_DONE;
	if (strcmp(word, "power") == 0)
		flightrec_options_set_durability(options, FLIGHTREC_POWER);
	else if (strcmp(word, "process") == 0)
		flightrec_options_set_durability(options, FLIGHTREC_PROCESS);
	else
		return cli_misused(cli, "--durability \"%s\": power or process", word);
	return CLI_DONE;
}

/* A fault of consent always means `off`, and the refusal gives the reason; where it does not give
 * all of it, the rest is said before. */
static void consent_fault_tell(const flightrec *recorder)
{
	struct fr_consent_decision decision;
	struct fr_error fault = {0};

	if (recorder->consent.decision.level == FR_CONSENT_OFF &&
	    fr_consent_decide(&recorder->consent.rules, &recorder->env, &decision, &fault) !=
		    FR_OK &&
	    !cli_consent_says(&decision, &fault))
		cli_complain("%s", fault.text);
}

int cli_recorder_open(const struct cli *cli, flightrec **out)
{
	flightrec_options *options;
	struct fr_error err = {0};
	enum fr_status status = fr_folder_check(cli->home.path, &err);
	int code;

	if (status != FR_OK && status != FR_NONE)
		return cli_failed(&err);
	options = flightrec_options_new();
	flightrec_options_set_app(options, cli->home.app);
	flightrec_options_set_home(options, cli->home.path);
	flightrec_options_set_config(options, cli_value(cli, "config"));
	flightrec_options_set_service(options, cli_value(cli, "service"));
	flightrec_options_set_version(options, cli_value(cli, "service-version"));
	flightrec_options_set_busy_timeout(options, CLI_BUSY_MS);
	flightrec_options_set_logger(options, on_log, NULL);
	code = durability_set(cli, options);
	if (code == CLI_DONE) {
		status = options != NULL ? fr_recorder_open(out, options, &err)
					 : fr_fail(&err, FR_NOMEM, "out of memory");
		if (status != FR_OK)
			code = cli_failed(&err);
		else
			consent_fault_tell(*out);
	}
	flightrec_options_free(options);
	return code;
}
