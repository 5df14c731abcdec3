#include "agent/options.h"

#include <getopt.h>
#include <string.h>

#include "base/text.h"

enum { DRAIN_MS_DEFAULT = 30000 };

enum {
	OPTION_APP = 256,
	OPTION_HOME,
	OPTION_CONFIG,
	OPTION_CHECK_CONFIG,
	OPTION_DRAIN,
	OPTION_TIMEOUT,
	OPTION_LOG_LEVEL
};

static const struct option known[] = {
	{"app", required_argument, NULL, OPTION_APP},
	{"home", required_argument, NULL, OPTION_HOME},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"check-config", no_argument, NULL, OPTION_CHECK_CONFIG},
	{"drain", no_argument, NULL, OPTION_DRAIN},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: flightrecd [--app NAME] [--home DIR] [--config FILE] [--log-level LEVEL]\n"
	"       flightrecd --drain [--timeout TIME] ...\n"
	"       flightrecd --check-config ...\n"
	"\n"
	"Delivers what programs recorded, one agent per home. Stays in the foreground and logs to\n"
	"standard error.\n"
	"\n"
	"  --app NAME         whose queue and config (else $FLIGHTREC_APP, else \"default\")\n"
	"  --home DIR         the folder of the queue (else $FLIGHTREC_HOME)\n"
	"  --config FILE      the config (else $FLIGHTREC_CONFIG)\n"
	"  --check-config     say what is wrong with the config, and exit\n"
	"  --drain            deliver what there is, and exit: 0 when nothing is left, 75 when "
	"something is\n"
	"  --timeout TIME     how long --drain may take (30s)\n"
	"  --log-level LEVEL  error, warning, info (the default) or debug\n"
	"  --help, --version  say so, and exit\n"
	"\n"
	"Signals: SIGHUP reads the config again; SIGTERM and SIGINT end it within two seconds.\n";

void fr_agent_options_help(FILE *out)
{
	(void)fputs(help, out);
}

static enum fr_status level_parse(enum fr_log_level *out, const char *text, struct fr_error *err)
{
	static const struct {
		const char *name;
		enum fr_log_level level;
	} levels[] = {
		{"error", FR_LOG_ERROR}, {"warning", FR_LOG_WARN}, {"warn", FR_LOG_WARN},
		{"info", FR_LOG_INFO},   {"debug", FR_LOG_DEBUG},
	};

	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(text, levels[i].name) == 0) {
			*out = levels[i].level;
			return FR_OK;
		}
	}
	return fr_fail(err, FR_INVALID, "--log-level %s: write error, warning, info or debug",
		       text);
}

static enum fr_status task_set(struct fr_agent_options *options, enum fr_agent_task task,
			       struct fr_error *err)
{
	if (options->task != FR_TASK_SERVE && options->task != task)
		return fr_fail(err, FR_INVALID, "--check-config and --drain exclude each other");
	options->task = task;
	return FR_OK;
}

static enum fr_status option_take(struct fr_agent_options *options, int option, char **argv,
				  bool *has_timeout, struct fr_error *err)
{
	switch (option) {
	case OPTION_APP:
		options->app = optarg;
		return FR_OK;
	case OPTION_HOME:
		options->home = optarg;
		return FR_OK;
	case OPTION_CONFIG:
		options->config = optarg;
		return FR_OK;
	case OPTION_CHECK_CONFIG:
		return task_set(options, FR_TASK_CHECK_CONFIG, err);
	case OPTION_DRAIN:
		return task_set(options, FR_TASK_DRAIN, err);
	case OPTION_LOG_LEVEL:
		return level_parse(&options->log_level, optarg, err);
	case OPTION_TIMEOUT:
		*has_timeout = true;
		if (fr_duration_parse(optarg, &options->drain_ms))
			return FR_OK;
		return fr_fail(err, FR_INVALID,
			       "--timeout %s is not a duration (write 30s, 500ms, 5m)", optarg);
	case ':':
		return fr_fail(err, FR_INVALID, "%s needs a value", argv[optind - 1]);
	default:
		return fr_fail(err, FR_INVALID, "%s is no option of flightrecd", argv[optind - 1]);
	}
}

enum fr_status fr_agent_options_parse(struct fr_agent_options *options, int argc, char **argv,
				      struct fr_error *err)
{
	enum fr_status status = FR_OK;
	bool has_timeout = false;
	int option;

	*options =
		(struct fr_agent_options){.log_level = FR_LOG_INFO, .drain_ms = DRAIN_MS_DEFAULT};
	opterr = 0;
	while (status == FR_OK && (option = getopt_long(argc, argv, ":hV", known, NULL)) != -1) {
		if (option == 'h' || option == 'V') {
			options->task = option == 'h' ? FR_TASK_HELP : FR_TASK_VERSION;
			return FR_OK;
		}
		status = option_take(options, option, argv, &has_timeout, err);
	}
	if (status == FR_OK && optind < argc)
		status =
			fr_fail(err, FR_INVALID, "flightrecd takes no arguments: %s", argv[optind]);
	if (status == FR_OK && has_timeout && options->task != FR_TASK_DRAIN)
		status = fr_fail(err, FR_INVALID, "--timeout goes with --drain");
	return status;
}
