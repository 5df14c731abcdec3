/* One canonical event a line, for a file on this machine. */
#include "sink/formats.h"

#include "sink/encode.h"

static enum fr_status file_path(const struct fr_sink_settings *settings, struct fr_buffer *out,
				struct fr_error *err)
{
	if (settings->path[0] == '\0')
		return fr_fail(err, FR_INVALID, "sink %s: no path", settings->name);
	fr_buffer_add_text(out, settings->path);
	return FR_OK;
}

static enum fr_status file_encode(const struct fr_sink_settings *settings,
				  const struct fr_sink_batch *batch, struct fr_request *request,
				  struct fr_error *err)
{
	struct fr_encoding lines = {settings, batch, "\n", fr_encode_add_json};
	enum fr_status status;

	status = fr_encode_head(&fr_sink_file, settings, NULL, request, err);
	if (status == FR_OK)
		status = fr_encode_events(&lines, request, err);
	if (request->body.length > 0)
		fr_buffer_add_char(&request->body, '\n');
	return status == FR_OK ? fr_encode_finish(request, err) : status;
}

const struct fr_sink_format fr_sink_file = {
	.type = "file",
	.encoder_version = 1,
	.is_file = true,
	.url = file_path,
	.encode = file_encode,
};
