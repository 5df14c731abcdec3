/* The rows, and how one is found: they are few, so every search just looks at all of them. */
#include "config/keys.h"

#include <string.h>

static const char *const durabilities[] = {"power", "process", NULL};
static const char *const levels[] = {"off", "local", "on", NULL};
static const char *const sent_keeps[] = {"none", "counts", "bodies", NULL};
static const char *const audiences[] = {"public", "internal", NULL};
static const char *const severities[] = {"trace", "debug", "info", "warn", "error", "fatal", NULL};
static const char *const compressions[] = {"gzip", "none", NULL};
static const char *const tls_versions[] = {"1.2", "1.3", NULL};
static const char *const datadog_sites[] = {
	"datadoghq.com",     "us3.datadoghq.com",
	"us5.datadoghq.com", "ap1.datadoghq.com",
	"ap2.datadoghq.com", "uk1.datadoghq.com",
	"datadoghq.eu",      "ddog-gov.com",
	"us2.ddog-gov.com",  NULL,
};

static const struct fr_key keys[FR_KEYS] = {
	[FR_KEY_SERVICE] = {"service", FR_TYPE_TEXT, .most = "256",
			    .help = "name of the program, for events that do not say"},
	[FR_KEY_VERSION] = {"version", FR_TYPE_TEXT, .most = "256",
			    .help = "its version, for events that do not say"},

	[FR_KEY_QUEUE] = {"queue", FR_TYPE_SECTION, .help = "the queue file"},
	[FR_KEY_QUEUE_DURABILITY] =
		{"queue.durability", FR_TYPE_WORD, "power", .words = durabilities,
		 .help = "what a committed event survives: `power` a power cut, "
			 "`process` the death of every process"},
	[FR_KEY_QUEUE_MAX_BYTES] = {"queue.max_bytes", FR_TYPE_SIZE, "64MiB", "1MiB", "1TiB",
				    .help = "hard bound on what the queue takes on the disk"},
	[FR_KEY_QUEUE_MAX_AGE] = {"queue.max_age", FR_TYPE_DURATION, "30d", "0s", "3650d",
				  .help = "how long an event that cannot be delivered is kept; "
					  "`0s`: until there is no room"},
	[FR_KEY_QUEUE_MAX_EVENT_BYTES] = {"queue.max_event_bytes", FR_TYPE_SIZE, "48KiB", "1KiB",
					  "1MiB", .help = "largest event that is recorded"},

	[FR_KEY_PRIVACY] = {"privacy", FR_TYPE_SECTION, .help = "what may be recorded and leave"},
	[FR_KEY_PRIVACY_DEFAULT] = {"privacy.default", FR_TYPE_WORD, .words = levels,
				    .help = "consent until the owner chooses; without it, the "
					    "program's own default, else `local`"},
	[FR_KEY_PRIVACY_CONSENT] = {"privacy.consent", FR_TYPE_WORD, .words = levels,
				    .help = "the most that is allowed here, whatever the owner "
					    "chooses"},
	[FR_KEY_PRIVACY_CATALOGUE] =
		{"privacy.catalogue", FR_TYPE_PATH, .least = "1", .most = "1000",
		 .help = "file that declares the events; this release cannot enforce one "
			 "yet, and with one sends nothing"},
	[FR_KEY_PRIVACY_SCRUB] = {"privacy.scrub", FR_TYPE_PATTERNS,
				  .help = "what else is taken out of every event: texts as they "
					  "stand, `*` for any characters but blanks and quotes, "
					  "`?` for one"},
	[FR_KEY_PRIVACY_BUCKETS] = {"privacy.buckets", FR_TYPE_COUNT, "30", "2", "1000",
				    .help = "into how many buckets users are sorted"},
	[FR_KEY_PRIVACY_INTERNAL] = {"privacy.internal", FR_TYPE_SECTION,
				     .help = "where internal events exist; without it, nowhere"},
	[FR_KEY_PRIVACY_INTERNAL_ENV] = {"privacy.internal.env", FR_TYPE_VARIABLE, .least = "1",
					 .most = "128",
					 .help = "environment variable that tells insiders"},
	[FR_KEY_PRIVACY_INTERNAL_VALUE] = {"privacy.internal.value", FR_TYPE_TEXT, .least = "1",
					   .most = "256", .help = "and the value it must have"},

	[FR_KEY_PRIVACY_KEEP_SENT] = {"privacy.keep_sent", FR_TYPE_WORD, "counts",
				      .words = sent_keeps,
				      .help = "what `flightrec sent` can tell of what left: "
					      "`none`, `counts` with names and "
					      "times, or the `bodies` too"},

	[FR_KEY_LIMITS] = {"limits", FR_TYPE_SECTION,
			   .help = "a brake for runaway loops, per event name and process"},
	[FR_KEY_LIMITS_BURST] = {"limits.burst", FR_TYPE_COUNT, "10000", "0", "1000000000",
				 .help = "how many of one name at once; 0: no limit"},
	[FR_KEY_LIMITS_PER_SECOND] = {"limits.per_second", FR_TYPE_COUNT, "200", "0", "1000000000",
				      .help = "and how many a second after that; 0: no limit"},

	[FR_KEY_SINKS] = {"sinks", FR_TYPE_SINKS,
			  .help = "where events go; without any they are recorded and kept"},
};

static const struct fr_key sink_keys[FR_SINK_KEYS] = {
	[FR_SINK_KEY_NAME] =
		{"name", FR_TYPE_NAME, .least = "1", .most = "64", .needed = "*",
		 .help = "its name in status and in the ledger; keep it, or its progress "
			 "is lost"},
	[FR_SINK_KEY_TYPE] = {"type", FR_TYPE_NAME, .least = "1", .most = "31", .needed = "*",
			      .help = "what speaks there"},
	[FR_SINK_KEY_EVENTS] = {"events", FR_TYPE_GLOBS,
				.help = "names and globs of the events it may send; everything is "
					"`[\"*\"]`"},
	[FR_SINK_KEY_AUDIENCE] = {"audience", FR_TYPE_WORD, "public", .words = audiences,
				  .help = "`internal`: it also gets internal events"},
	[FR_SINK_KEY_MIN_SEVERITY] = {"min_severity", FR_TYPE_WORD, "trace", .words = severities,
				      .help = "what is less severe is not sent there"},
	[FR_SINK_KEY_URL] = {"url", FR_TYPE_URL, .least = "1", .most = "2000", .only = "http",
			     .help = "where to; for `datadog` it replaces the site's, for `otlp` "
				     "`endpoint_path` comes behind it"},
	[FR_SINK_KEY_HEADERS] = {"headers", FR_TYPE_HEADERS, .only = "http",
				 .help = "sent with every request; a value may be a secret"},
	[FR_SINK_KEY_SITE] = {"site", FR_TYPE_WORD, .words = datadog_sites, .only = "datadog",
			      .help = "the Datadog site of the account"},
	[FR_SINK_KEY_API_KEY] = {"api_key", FR_TYPE_SECRET, .least = "1", .most = "1000",
				 .only = "datadog", .needed = "datadog", .help = "Datadog API key"},
	[FR_SINK_KEY_TAGS] = {"tags", FR_TYPE_TEXT, .most = "1000", .only = "datadog",
			      .help = "more `ddtags`: `env:prod,team:tools`"},
	[FR_SINK_KEY_ENDPOINT_PATH] =
		{"endpoint_path", FR_TYPE_TEXT, "/v1/logs", .most = "1000", .only = "otlp",
		 .help = "path behind the `url`; empty: the `url` is all of it"},
	[FR_SINK_KEY_TABLE] = {"table", FR_TYPE_TABLE, .least = "1", .most = "200",
			       .only = "clickhouse", .needed = "clickhouse",
			       .help = "table to insert into"},
	[FR_SINK_KEY_USER] = {"user", FR_TYPE_TEXT, .least = "1", .most = "200",
			      .only = "clickhouse", .help = "who inserts; without one, `default`"},
	[FR_SINK_KEY_PASSWORD] = {"password", FR_TYPE_SECRET, .least = "1", .most = "1000",
				  .only = "clickhouse", .help = "password of that user"},
	[FR_SINK_KEY_PATH] = {"path", FR_TYPE_PATH, .least = "1", .most = "1000", .only = "file",
			      .needed = "file", .help = "file to append to, from the home on"},
	[FR_SINK_KEY_FILE_MAX_BYTES] = {"max_bytes", FR_TYPE_SIZE, "16MiB", "0", "1TiB",
					.only = "file",
					.help = "the file is rotated above this size; 0: never"},

	[FR_SINK_KEY_BATCH] = {"batch", FR_TYPE_SECTION, .help = "what one request holds"},
	[FR_SINK_KEY_BATCH_MAX_EVENTS] = {"batch.max_events", FR_TYPE_COUNT, "100", "1", "10000",
					  .help = "sent as soon as so many wait"},
	[FR_SINK_KEY_BATCH_MAX_BYTES] = {"batch.max_bytes", FR_TYPE_SIZE, "1MiB", "1KiB", "16MiB",
					 .help = "before compression"},
	[FR_SINK_KEY_BATCH_MAX_WAIT] = {"batch.max_wait", FR_TYPE_DURATION, "15s", "0s", "1d",
					.help = "sent as soon as the oldest has waited so long"},

	[FR_SINK_KEY_RETRY] = {"retry", FR_TYPE_SECTION, .help = "waits after failures"},
	[FR_SINK_KEY_RETRY_INITIAL] = {"retry.initial", FR_TYPE_DURATION, "1s", "100ms", "1h",
				       .help = "the first; each further one is twice as long"},
	[FR_SINK_KEY_RETRY_MAX] = {"retry.max", FR_TYPE_DURATION, "5m", "1s", "1d",
				   .help = "the longest"},

	[FR_SINK_KEY_INFLIGHT] = {"inflight", FR_TYPE_COUNT, "1", "1", "16", .only = "http",
				  .help = "requests under way at once"},
	[FR_SINK_KEY_COMPRESSION] = {"compression", FR_TYPE_WORD, "gzip", .words = compressions,
				     .only = "http", .help = "of request bodies"},
	[FR_SINK_KEY_TIMEOUT] = {"timeout", FR_TYPE_DURATION, "30s", "1s", "10m", .only = "http",
				 .help = "for one request as a whole"},

	[FR_SINK_KEY_TLS] = {"tls", FR_TYPE_SECTION, .only = "http",
			     .help = "the server is always verified"},
	[FR_SINK_KEY_TLS_CA_FILE] = {"tls.ca_file", FR_TYPE_PATH, .least = "1", .most = "1000",
				     .only = "http",
				     .help = "authorities to trust instead of the system's"},
	[FR_SINK_KEY_TLS_CERT_FILE] = {"tls.cert_file", FR_TYPE_PATH, .least = "1", .most = "1000",
				       .only = "http", .help = "certificate to show to the server"},
	[FR_SINK_KEY_TLS_KEY_FILE] = {"tls.key_file", FR_TYPE_PATH, .least = "1", .most = "1000",
				      .only = "http",
				      .help = "its key, where that is in a file of its own"},
	[FR_SINK_KEY_TLS_MIN_VERSION] = {"tls.min_version", FR_TYPE_WORD, "1.2",
					 .words = tls_versions, .only = "http",
					 .help = "oldest version that is spoken"},
	[FR_SINK_KEY_PROXY] =
		{"proxy", FR_TYPE_PROXY, .least = "1", .most = "2000", .only = "http",
		 .help = "with a password in it, as `env:NAME` or `file:PATH`; without a "
			 "proxy here, `https_proxy` and its kin count"},
	[FR_SINK_KEY_ALLOW_PLAIN_HTTP] = {"allow_plain_http", FR_TYPE_SWITCH, "false",
					  .only = "http",
					  .help = "accept an `http:` URL of another machine"},
};

const struct fr_key_table fr_key_table = {keys, FR_KEYS};
const struct fr_key_table fr_sink_key_table = {sink_keys, FR_SINK_KEYS};

const char *fr_key_leaf(const struct fr_key *key, const char *prefix)
{
	size_t length = strlen(prefix);
	const char *leaf = key->path;

	if (length > 0) {
		if (strncmp(leaf, prefix, length) != 0 || leaf[length] != '.')
			return NULL;
		leaf += length + 1;
	}
	return strchr(leaf, '.') == NULL ? leaf : NULL;
}

const struct fr_key *fr_key_find(const struct fr_key_table *table, const char *prefix,
				 const char *name)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const char *leaf = fr_key_leaf(&table->keys[i], prefix);

		if (leaf != NULL && strcmp(leaf, name) == 0)
			return &table->keys[i];
	}
	return NULL;
}

bool fr_key_lists(const char *list, const struct fr_sink_format *format)
{
	size_t length = strlen(format->type);

	while (list != NULL && *list != '\0') {
		size_t word = strcspn(list, " ");

		if (strncmp(list, "*", word) == 0 ||
		    (word == length && memcmp(list, format->type, word) == 0) ||
		    (!format->is_file && strncmp(list, "http", word) == 0 && word == 4))
			return true;
		list += word;
		list += strspn(list, " ");
	}
	return false;
}

bool fr_key_suits(const struct fr_key *key, const struct fr_sink_format *format)
{
	return key->only == NULL || fr_key_lists(key->only, format);
}
