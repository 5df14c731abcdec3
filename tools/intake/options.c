/* One table of flags reads the command line and prints the help. */
#include "intake/options.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { DEFAULT_PORT = 8125 };

/* Addresses */

static bool parse_port(const char *text, uint16_t *port)
{
	char *end = NULL;
	long value = strtol(text, &end, 10);
	*port = htons((uint16_t)value);
	return *text >= '0' && *text <= '9' && *end == '\0' && value <= UINT16_MAX;
}

/* host without brackets; "" and "localhost", which need no resolver, are 127.0.0.1. */
static bool parse_address(struct intake_options *options, const char *host, const char *port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&options->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&options->address;
	memset(&options->address, 0, sizeof(options->address));
	if (*host == '\0' || strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		options->address_length = (int)sizeof(*v4);
		return parse_port(port, &v4->sin_port);
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		options->address_length = (int)sizeof(*v6);
		return parse_port(port, &v6->sin6_port);
	}
	return false;
}

static bool is_loopback(const struct intake_options *options)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)&options->address;
	const struct sockaddr_in6 *v6 =
		(const struct sockaddr_in6 *)(const void *)&options->address;
	if (options->address.ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static enum fr_status parse_listen(struct intake_options *options, const char *value,
				   struct fr_error *err)
{
	char host[64] = "";
	const char *colon = strrchr(value, ':');
	const char *from = value[0] == '[' ? value + 1 : value;
	const char *to = colon != NULL ? colon : from;
	if (to > from && to[-1] == ']')
		to--;
	if (to >= from && (size_t)(to - from) < sizeof(host)) {
		memcpy(host, from, (size_t)(to - from));
		if (parse_address(options, host, colon != NULL ? colon + 1 : value))
			return FR_OK;
	}
	return fr_fail(err, FR_INVALID,
		       "\"%s\" is not an address and a port, such as 127.0.0.1:%d or [::1]:0",
		       value, DEFAULT_PORT);
}

/* Secrets: a literal on the command line could be read by everybody on the machine. */

/* A file's content without the line's end that editors add. */
static enum fr_status read_secret(struct fr_buffer *secret, const char *path, struct fr_error *err)
{
	enum fr_status status = fr_file_read(path, secret, err);
	if (status == FR_NONE)
		return fr_fail(err, FR_INVALID, "%s: no such file", path);
	while (secret->length > 0 && (secret->data[secret->length - 1] == '\n' ||
				      secret->data[secret->length - 1] == '\r'))
		fr_buffer_cut(secret, secret->length - 1);
	return status;
}

static enum fr_status parse_secret(char out[INTAKE_SECRET_MAX], const struct fr_env *env,
				   const char *value, struct fr_error *err)
{
	struct fr_buffer secret;
	fr_buffer_init(&secret, INTAKE_SECRET_MAX - 1);
	enum fr_status status = FR_OK;
	if (strncmp(value, "file:", 5) == 0) {
		status = read_secret(&secret, value + 5, err);
	} else if (strncmp(value, "env:", 4) == 0) {
		const char *variable = fr_env_variable(env, value + 4);
		fr_buffer_add_text(&secret, variable != NULL ? variable : "");
	} else {
		status = fr_fail(err, FR_INVALID,
				 "a secret is env:NAME or file:PATH, never the secret itself");
	}
	if (status == FR_OK && (secret.length == 0 || secret.status != FR_OK))
		status = fr_fail(err, FR_INVALID, "%s is empty, or more than %d bytes", value,
				 INTAKE_SECRET_MAX - 1);
	if (status == FR_OK)
		(void)fr_text_copy(out, INTAKE_SECRET_MAX, fr_buffer_text(&secret));
	fr_buffer_fini(&secret);
	return status;
}

/* Faults */

static enum fr_status add_fault(struct intake_options *options, const char *text,
				struct fr_error *err)
{
	if (text[0] == '{' || text[0] == '[')
		return intake_faults_parse_json(&options->faults, text, strlen(text), err);
	struct intake_fault fault;
	enum fr_status status = intake_fault_parse(&fault, text, err);
	return status == FR_OK ? intake_faults_add(&options->faults, &fault, err) : status;
}

static enum fr_status add_fault_by_name(struct intake_options *options, const char *beginning,
					const char *name, struct fr_error *err)
{
	char text[256];
	int length = snprintf(text, sizeof(text), "%s,name=%s", beginning, name);
	if (length < 0 || (size_t)length >= sizeof(text))
		return fr_fail(err, FR_INVALID, "not the name of an event");
	return add_fault(options, text, err);
}

/* Flags */

enum flag_kind { SWITCH, PATH, SECRET, LISTEN, FAIL, REJECT, POISON };

static const struct {
	const char *name;
	enum flag_kind kind;
	size_t offset;        /* of a switch, a path, a secret */
	const char *argument; /* NULL: takes none */
	const char *help;
} flags[] = {
	{"listen", LISTEN, 0, "ADDRESS:PORT", "where to listen [127.0.0.1:8125]; port 0 picks one"},
	{"allow-remote", SWITCH, offsetof(struct intake_options, allow_remote), NULL,
	 "let --listen be an address that is not loopback"},
	{"port-file", PATH, offsetof(struct intake_options, port_file), "FILE",
	 "write the port to this file once it is listening"},
	{"db", PATH, offsetof(struct intake_options, db), "FILE",
	 "keep what comes in this SQLite file, and go on with it next time [in memory]"},
	{"api-key", SECRET, offsetof(struct intake_options, api_key), "SECRET",
	 "the DD-API-KEY that Datadog's path asks for"},
	{"token", SECRET, offsetof(struct intake_options, token), "SECRET",
	 "the bearer token that the other paths ask for"},
	{"fail", FAIL, 0, "FAULT", "let something go wrong (see below); may be repeated, in order"},
	{"reject", REJECT, 0, "NAME", "the same as --fail reject,name=NAME"},
	{"poison", POISON, 0, "NAME", "the same as --fail status=400,name=NAME"},
	{"quiet", SWITCH, offsetof(struct intake_options, quiet), NULL,
	 "no line for each request, no summary"},
	{"json", SWITCH, offsetof(struct intake_options, json), NULL,
	 "these lines and the summary as JSON"},
	{"help", SWITCH, offsetof(struct intake_options, help), NULL, "this text"},
	{"version", SWITCH, offsetof(struct intake_options, version), NULL, "the version"},
};

enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

static enum fr_status apply_flag(struct intake_options *options, const struct fr_env *env,
				 size_t flag, const char *value, struct fr_error *err)
{
	char *member = (char *)options + flags[flag].offset;
	switch (flags[flag].kind) {
	case SWITCH:
		memcpy(member, &(bool){true}, sizeof(bool));
		return FR_OK;
	case PATH:
		if (*value == '\0' || !fr_text_copy(member, FR_PATH_MAX, value))
			return fr_fail(err, FR_INVALID, "not a path of 1 to %d bytes",
				       FR_PATH_MAX - 1);
		return FR_OK;
	case SECRET:
		return parse_secret(member, env, value, err);
	case LISTEN:
		return parse_listen(options, value, err);
	case FAIL:
		return add_fault(options, value, err);
	case REJECT:
		return add_fault_by_name(options, "reject", value, err);
	case POISON:
		return add_fault_by_name(options, "status=400", value, err);
	}
	return FR_OK;
}

/* Finds the flag that text names, as --name or --name=value; *value is NULL without the latter. */
static bool find_flag(const char *text, size_t *flag, const char **value)
{
	if (strncmp(text, "--", 2) != 0)
		return false;
	size_t length = strcspn(text + 2, "=");
	for (*flag = 0; *flag < FLAGS; (*flag)++) {
		const char *name = flags[*flag].name;
		if (strlen(name) == length && strncmp(name, text + 2, length) == 0) {
			*value = text[2 + length] == '=' ? text + 2 + length + 1 : NULL;
			return true;
		}
	}
	return false;
}

static enum fr_status parse_flags(struct intake_options *options, const struct fr_env *env,
				  int count, char *const *arguments, struct fr_error *err)
{
	for (int i = 1; i < count; i++) {
		size_t flag = 0;
		const char *value = NULL;
		if (!find_flag(arguments[i], &flag, &value))
			return fr_fail(err, FR_INVALID, "%s: not a flag; see --help", arguments[i]);
		if (flags[flag].argument == NULL) {
			if (value != NULL)
				return fr_fail(err, FR_INVALID, "--%s takes nothing",
					       flags[flag].name);
			value = "";
		} else if (value == NULL) {
			if (i + 1 == count)
				return fr_fail(err, FR_INVALID, "--%s takes %s", flags[flag].name,
					       flags[flag].argument);
			value = arguments[++i];
		}
		enum fr_status status = apply_flag(options, env, flag, value, err);
		if (status != FR_OK)
			return fr_fail_within(err, FR_INVALID, "--%s: ", flags[flag].name);
	}
	return FR_OK;
}

enum fr_status intake_options_parse(struct intake_options *options, const struct fr_env *env,
				    int count, char *const *arguments, struct fr_error *err)
{
	*options = (struct intake_options){0};
	char port[8];
	(void)snprintf(port, sizeof(port), "%d", DEFAULT_PORT);
	(void)parse_address(options, "127.0.0.1", port);
	enum fr_status status = parse_flags(options, env, count, arguments, err);
	if (status == FR_OK && !options->allow_remote && !is_loopback(options))
		return fr_fail(err, FR_INVALID,
			       "--listen: not a loopback address; --allow-remote permits it");
	return status;
}

void intake_options_write_help(struct fr_buffer *out)
{
	fr_buffer_add_text(
		out, "usage: flightrec-intake [--listen ADDRESS:PORT] [--db FILE] [flag ...]\n"
		     "\n"
		     "A local receiver of events, for trying things out and for tests: it\n"
		     "acknowledges, counts, finds duplicates, and fails when told to.\n"
		     "\n"
		     "Flags:\n");
	for (size_t i = 0; i < FLAGS; i++) {
		char flag[48];
		(void)snprintf(flag, sizeof(flag), "--%s %s", flags[i].name,
			       flags[i].argument != NULL ? flags[i].argument : "");
		fr_buffer_add_format(out, "  %-22s %s\n", flag, flags[i].help);
	}
	fr_buffer_add_text(
		out,
		"\n"
		"A SECRET is env:NAME or file:PATH. A FAULT is a kind and keys, such as\n"
		"status=503,retry-after=3,count=2 or drop-after,count=1, or the same as JSON.\n"
		"\n"
		"Kinds of fault:\n");
	intake_fault_write_kinds(out);
	fr_buffer_add_text(out, "\nKeys of a fault:\n");
	intake_fault_write_keys(out);
	fr_buffer_add_text(
		out,
		"\n"
		"Paths: POST /v1/events, /api/v2/logs, /v1/logs, /v1/ndjson to deliver; GET /,\n"
		"/stats, /events, /events?ids=1, /requests, /requests/N/body,\n"
		"/requests/N/headers to look; GET, POST, DELETE /control for faults; POST\n"
		"/reset.\n");
}
