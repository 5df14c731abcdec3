#include "client/options.h"

#include <stdlib.h>
#include <string.h>

flightrec_options *flightrec_options_new(void)
{
	flightrec_options *options = calloc(1, sizeof *options);

	if (options != NULL)
		options->busy_ms = FR_BUSY_MS_DEFAULT;
	return options;
}

/* Through a volatile pointer: a plain memset of memory about to be freed may be left out. */
static void text_wipe(char *text)
{
	volatile char *at = text;

	while (at != NULL && *at != '\0')
		*at++ = '\0';
}

void flightrec_options_free(flightrec_options *options)
{
	if (options == NULL)
		return;
	text_wipe(options->user_id);
	free(options->app);
	free(options->service);
	free(options->version);
	free(options->home);
	free(options->config);
	free(options->catalogue_json);
	free(options->user_id);
	free(options->name_space);
	free(options->pod);
	free(options->cluster);
	free(options);
}

static void text_set(flightrec_options *options, char **field, const char *text)
{
	size_t size = text != NULL ? strlen(text) + 1 : 0;
	char *copy = text != NULL ? malloc(size) : NULL;

	if (copy != NULL)
		memcpy(copy, text, size);
	else if (text != NULL)
		options->is_out_of_memory = true;
	text_wipe(*field);
	free(*field);
	*field = copy;
}

void flightrec_options_set_app(flightrec_options *options, const char *app)
{
	if (options != NULL)
		text_set(options, &options->app, app);
}

void flightrec_options_set_service(flightrec_options *options, const char *service)
{
	if (options != NULL)
		text_set(options, &options->service, service);
}

void flightrec_options_set_version(flightrec_options *options, const char *version)
{
	if (options != NULL)
		text_set(options, &options->version, version);
}

void flightrec_options_set_home(flightrec_options *options, const char *folder)
{
	if (options != NULL)
		text_set(options, &options->home, folder);
}

void flightrec_options_set_config(flightrec_options *options, const char *file)
{
	if (options != NULL)
		text_set(options, &options->config, file);
}

void flightrec_options_set_catalogue_json(flightrec_options *options, const char *json)
{
	if (options != NULL)
		text_set(options, &options->catalogue_json, json);
}

void flightrec_options_set_user_id(flightrec_options *options, const char *user_id)
{
	if (options != NULL)
		text_set(options, &options->user_id, user_id);
}

void flightrec_options_set_kubernetes(flightrec_options *options, const char *name_space,
				      const char *pod, const char *cluster)
{
	if (options == NULL)
		return;
	text_set(options, &options->name_space, name_space);
	text_set(options, &options->pod, pod);
	text_set(options, &options->cluster, cluster);
}

void flightrec_options_set_durability(flightrec_options *options,
				      enum flightrec_durability durability)
{
	if (options == NULL)
		return;
	options->durability = durability;
	options->has_durability = true;
}

void flightrec_options_set_consent(flightrec_options *options, enum flightrec_consent consent)
{
	if (options == NULL)
		return;
	options->consent = consent;
	options->has_consent = true;
}

void flightrec_options_set_busy_timeout(flightrec_options *options, unsigned ms)
{
	if (options != NULL)
		options->busy_ms = ms;
}

void flightrec_options_set_logger(flightrec_options *options,
				  void (*log)(void *context, int level, const char *text),
				  void *context)
{
	if (options != NULL)
		options->log =
			(struct fr_logger){.write = log, .context = context, .most = FR_LOG_DEBUG};
}

void flightrec_options_set_notice(flightrec_options *options, int (*show)(void *context),
				  void *context)
{
	if (options == NULL)
		return;
	options->show_notice = show;
	options->notice_context = context;
}
