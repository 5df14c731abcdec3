/* The happy path: the batch that the courier would take, encoded with the ceiling that the courier
 * would give it, and around it what the transport adds.
 *
 * Failures: a body above the ceiling is shown whole, and said to go in parts.
 */
#include "preview.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "config/url.h"
#include "ship/proposal.h"

enum { BODY_BYTES_MAX = 64 * 1024 * 1024 };

static enum fr_status encode(struct preview *preview, size_t most, struct fr_error *err)
{
	const struct fr_batch *batch = preview->pending.batch;
	const struct fr_sink_batch parts = {batch->uuid, batch->claimed_us, batch->events,
					    batch->count};

	fr_request_fini(&preview->request);
	fr_request_init(&preview->request, most);
	return preview->format->encode(preview->settings, &parts, &preview->request, err);
}

/* May it go as it is? */
static bool is_stale(const struct preview *preview, const struct fr_env *env)
{
	const struct fr_batch *batch = preview->pending.batch;
	const struct fr_sink_batch parts = {batch->uuid, batch->claimed_us, batch->events,
					    batch->count};

	if (batch->missing > 0)
		return true;
	for (size_t i = 0; i < batch->count; i++)
		if (!fr_sink_may_send(preview->settings, &batch->events[i], batch->events[i].route))
			return true;
	return preview->format->is_stale != NULL &&
	       preview->format->is_stale(&parts, fr_env_wall_us(env));
}

/* ---- the head ---- */

/* A header of the config goes over what the transport says by itself. */
static bool is_given(const struct preview *preview, const char *name)
{
	for (size_t i = 0; i < preview->request.header_count; i++)
		if (strcasecmp(preview->request.headers[i].name, name) == 0)
			return true;
	return false;
}

static void line_add(struct preview *preview, const char *name, const char *value, const char *note)
{
	if (preview->line_count < PREVIEW_LINES && !is_given(preview, name))
		preview->lines[preview->line_count++] =
			(struct preview_line){.name = name, .value = value, .note = note};
}

/* Splits the URL; a port that is the scheme's own is not said. */
static void url_split(struct preview *preview)
{
	const char *host = strstr(preview->request.url, "://");
	size_t length;
	struct fr_url url;

	host = host != NULL ? host + 3 : preview->request.url;
	length = strcspn(host, "/?#");
	preview->target = host[length] != '\0' ? host + length : "/";
	if (fr_url_parse(preview->request.url, &url) == NULL &&
	    url.port == (strcmp(url.scheme, "https") == 0 ? 443U : 80U))
		while (length > 0 && host[length - 1] != ':')
			length--;
	length -= length > 0 && host[length - 1] == ':';
	(void)snprintf(preview->host, sizeof preview->host, "%.*s", (int)length, host);
}

static void lines_make(struct preview *preview)
{
	const struct fr_request *request = &preview->request;

	url_split(preview);
	line_add(preview, "Host", preview->host, NULL);
	line_add(preview, "User-Agent", "flightrec/" FR_VERSION, NULL);
	line_add(preview, "Accept", "*/*", NULL);
	for (size_t i = 0; i < request->header_count && preview->line_count < PREVIEW_LINES; i++) {
		const struct fr_request_header *header = &request->headers[i];
		const char *value = header->origin == NULL ? header->value : NULL;

		preview->lines[preview->line_count++] =
			(struct preview_line){header->name, value, header->origin, NULL};
	}
	if (preview->is_packed)
		line_add(preview, "Content-Encoding", "gzip", NULL);
	line_add(preview, "X-Flightrec-Sent-At", NULL, "time of sending");
	(void)snprintf(preview->length, sizeof preview->length, "%zu", request->body.length);
	line_add(preview, "Content-Length", preview->is_packed ? NULL : preview->length,
		 preview->is_packed ? "length of the compressed body" : NULL);
}

/* ---- all of it ---- */

static enum fr_status request_make(struct preview *preview, struct fr_error *err)
{
	const struct fr_proposer proposer = {preview->settings, preview->format,
					     &preview->pending.facts.row.retry};
	size_t most = fr_proposal_most_bytes(&proposer, preview->pending.batch);
	enum fr_status status = encode(preview, most, err);

	preview->is_too_large = status == FR_TOO_LARGE;
	if (preview->is_too_large)
		status = encode(preview, BODY_BYTES_MAX, err);
	preview->is_packed = fr_proposal_is_packed(&proposer, preview->request.body.length);
	return status;
}

enum fr_status preview_make(struct preview *preview, const struct cli *cli,
			    struct fr_snapshot *snapshot, const struct fr_sink_settings *settings,
			    struct fr_error *err)
{
	enum fr_status status;

	*preview = (struct preview){.settings = settings,
				    .format = fr_sink_format_find(settings->type)};
	fr_request_init(&preview->request, 0);
	if (preview->format == NULL)
		return fr_fail(err, FR_INVALID, "sink %s: nobody knows the type %s", settings->name,
			       settings->type);
	status = cli_pending_find(snapshot, settings, &preview->pending, err);
	if (status != FR_OK || preview->pending.batch == NULL)
		return status;
	preview->is_stale = is_stale(preview, &cli->env);
	status = request_make(preview, err);
	if (status == FR_OK && !preview->format->is_file)
		lines_make(preview);
	return status;
}

void preview_fini(struct preview *preview)
{
	fr_request_fini(&preview->request);
	cli_pending_fini(&preview->pending);
}
