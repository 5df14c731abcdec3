#include "intake/answer.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "event/json.h"

enum { HEADERS_MAX = 1024 * 1024 };

void intake_answer_init(struct intake_answer *answer)
{
	*answer = (struct intake_answer){.type = "text/plain"};
	fr_buffer_init(&answer->headers, HEADERS_MAX);
	fr_buffer_init(&answer->body, INTAKE_ANSWER_MAX);
}

void intake_answer_fini(struct intake_answer *answer)
{
	fr_buffer_fini(&answer->headers);
	fr_buffer_fini(&answer->body);
}

void intake_answer_set(struct intake_answer *answer, int status, const char *type, const char *body)
{
	answer->status = status;
	answer->type = type;
	answer->date = NULL;
	fr_buffer_clear(&answer->headers);
	fr_buffer_clear(&answer->body);
	if (body != NULL)
		fr_buffer_add_text(&answer->body, body);
}

void intake_answer_set_error(struct intake_answer *answer, int status, const char *reason)
{
	intake_answer_set(answer, status, "application/json", "{\"error\":");
	fr_json_add_string(&answer->body, reason, strlen(reason));
	fr_buffer_add_text(&answer->body, "}\n");
}

void intake_answer_add_header(struct intake_answer *answer, const char *name, const char *value)
{
	fr_buffer_add_format(&answer->headers, "%s: %s\r\n", name, value);
}

static const char *reason_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"},
		{202, "Accepted"},
		{204, "No Content"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{307, "Temporary Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{407, "Proxy Authentication Required"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{417, "Expectation Failed"},
		{422, "Unprocessable Content"},
		{425, "Too Early"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
		{507, "Insufficient Storage"},
		{511, "Network Authentication Required"},
	};
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Status";
}

/* RFC 9110's one date format, by hand because strftime follows the locale. */
static void add_date(struct fr_buffer *out, int64_t wall_us)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(wall_us / 1000000);
	struct tm utc;
	if (gmtime_r(&seconds, &utc) == NULL)
		return;
	fr_buffer_add_format(out, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n",
			     days[utc.tm_wday % 7], utc.tm_mday, months[utc.tm_mon % 12],
			     utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

bool intake_status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

void intake_answer_write_head(const struct intake_answer *answer, struct fr_buffer *out,
			      int64_t length, bool keep_alive, int64_t wall_us)
{
	fr_buffer_add_format(out, "HTTP/1.1 %d %s\r\n", answer->status,
			     reason_phrase(answer->status));
	if (answer->date != NULL)
		fr_buffer_add_format(out, "Date: %s\r\n", answer->date);
	else
		add_date(out, wall_us);
	fr_buffer_add_text(out, "Server: flightrec-intake/" FR_VERSION "\r\n");
	fr_buffer_add(out, answer->headers.data, answer->headers.length);
	if (intake_status_has_body(answer->status)) {
		fr_buffer_add_format(out, "Content-Type: %s\r\n", answer->type);
		if (length < 0)
			fr_buffer_add_text(out, "Transfer-Encoding: chunked\r\n");
		else
			fr_buffer_add_format(out, "Content-Length: %lld\r\n", (long long)length);
	}
	fr_buffer_add_text(out, keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
}
