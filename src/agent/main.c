/* flightrecd: the agent as a program. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/agent.h"
#include "agent/tidy.h"

/* libevent's log callback has no context. */
static struct fr_logger event_log;

static void on_event_log(int severity, const char *text)
{
	enum fr_log_level level = severity == EVENT_LOG_ERR    ? FR_LOG_ERROR
				  : severity == EVENT_LOG_WARN ? FR_LOG_WARN
							       : FR_LOG_DEBUG;

	fr_log(&event_log, level, "libevent", "%s", text);
}

/* Before anything is opened, resolved or sent. */
static void process_prepare(const struct fr_agent_options *options, struct fr_env *env)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	(void)umask(077);
	(void)unsetenv(
		"SSLKEYLOGFILE"); /* libcurl would write the keys of every connection there */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	fr_env_real(env);
	env->log = fr_log_to_stderr(options->log_level);
	event_log = env->log;
	event_set_log_callback(on_event_log);
}

static int complain(const struct fr_error *err, int code)
{
	(void)fprintf(stderr, "flightrecd: %s\n", err->text);
	return code;
}

static int config_check(const struct fr_agent_options *options)
{
	struct fr_config *config = NULL;
	struct fr_error err = {FR_OK, ""};
	struct fr_home home;
	struct fr_env env;
	const char *problem;
	enum fr_status status;

	fr_env_real(&env);
	status = fr_home_resolve(&home, &env, options->app, options->home, options->config, &err);
	if (status == FR_OK)
		status = fr_config_load(&config, &home, FR_CONFIG_STRICT, &env, &err);
	if (status != FR_OK)
		return complain(&err, FR_EXIT_WRONG);
	for (size_t i = 0; (problem = fr_config_problem(config, i)) != NULL; i++)
		(void)fprintf(stderr, "flightrecd: note: %s\n", problem);
	if (config->file[0] != '\0')
		(void)printf("%s: fine, %zu sink%s\n", config->file, config->sink_count,
			     config->sink_count == 1 ? "" : "s");
	else
		(void)printf("no config: events are recorded and kept\n");
	fr_config_free(config);
	return FR_EXIT_DONE;
}

/* Under `off` there is no queue, and nothing that may be sent. */
static int drain_result(struct fr_agent *agent)
{
	struct fr_error err = {FR_OK, ""};
	bool has_rest = false;

	if (agent->queue == NULL)
		return FR_EXIT_DONE;
	if (fr_crew_look_for_rest(agent->queue, agent->config, &has_rest, &err) != FR_OK)
		return complain(&err, FR_EXIT_WRONG);
	fr_tidy_now(agent);
	fr_log(&agent->env.log, FR_LOG_INFO, "drain.ended", "left=%s", has_rest ? "yes" : "no");
	return has_rest ? FR_EXIT_AGAIN : FR_EXIT_DONE;
}

static int serve(const struct fr_agent_options *options)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_agent agent;
	int code = FR_EXIT_DONE;
	struct fr_env env;
	enum fr_status status;

	process_prepare(options, &env);
	status = fr_agent_open(&agent, options, &env, &err);
	if (status == FR_OFF)
		return complain(&err, FR_EXIT_DONE);
	if (status != FR_OK)
		return complain(&err, FR_EXIT_WRONG);
	fr_agent_run(&agent);
	if (options->task == FR_TASK_DRAIN)
		code = drain_result(&agent);
	fr_agent_close(&agent);
	return code;
}

int main(int argc, char **argv)
{
	struct fr_agent_options options;
	struct fr_error err = {FR_OK, ""};

	if (fr_agent_options_parse(&options, argc, argv, &err) != FR_OK) {
		(void)complain(&err, FR_EXIT_USAGE);
		(void)fprintf(stderr, "Try flightrecd --help.\n");
		return FR_EXIT_USAGE;
	}
	switch (options.task) {
	case FR_TASK_HELP:
		fr_agent_options_help(stdout);
		return FR_EXIT_DONE;
	case FR_TASK_VERSION:
		(void)printf("flightrecd %s\n", FR_VERSION);
		return FR_EXIT_DONE;
	case FR_TASK_CHECK_CONFIG:
		return config_check(&options);
	case FR_TASK_SERVE:
	case FR_TASK_DRAIN:
		break;
	}
	return serve(&options);
}
