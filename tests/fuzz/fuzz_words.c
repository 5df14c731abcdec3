/* What libcurl says of a failure, made into words for people: whatever the text and whatever became
 * of the exchange, the words fit, are never empty, and repeat no user or password of a URL; and
 * what a server calls a refusal of our certificate is never an answer that took the batch.
 *
 * The input: a byte for libcurl's code, one for what a proxy said, and then the text, which stands
 * for a server's page, too.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "ship/http_outcome.h"
#include "ship/http_words.h"

static void must_hold(bool holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

static void nobody_is_named(const char *words)
{
	const char *from = strstr(words, "://");
	const char *at = from != NULL ? strrchr(from, '@') : NULL;

	must_hold(at == NULL || at - from < 6 || strncmp(from, "://***@", 7) == 0,
		  "what stands before an @ in a URL is hidden");
}

static void words_must_hold(CURLcode code, int connect_status, const char *text)
{
	static const struct fr_sink_settings settings = {
		.name = "main", .cert_file = "", .key_file = "", .ca_file = "", .proxy = ""};
	const struct fr_http_trust trusts[] = {{NULL, NULL, NULL}, {"", NULL, "tls.ca_file"}};
	size_t i;

	for (i = 0; i < 4; i++) {
		const struct fr_http_trouble trouble = {
			.code = code,
			.text = text,
			.connect_status = connect_status,
			.wants_certificate = i >= 2,
			.settings = &settings,
			.trust = trusts[i % 2],
		};
		char words[FR_OUTCOME_TEXT];

		fr_http_words(&trouble, words);
		must_hold(memchr(words, '\0', sizeof words) != NULL, "words fit");
		must_hold(words[0] != '\0', "there are words");
		nobody_is_named(words);
	}
}

static void outcomes_must_hold(CURLcode code, int connect_status, const char *text)
{
	static const int statuses[] = {0, 100, 200, 299, 400, 407, 495, 503, 999};
	size_t i;

	for (i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		struct fr_http_facts facts = {.code = code,
					      .status = statuses[i],
					      .head_complete = statuses[i] >= 200,
					      .was_sent = true,
					      .connect_status = connect_status};
		struct fr_http_outcome outcome;

		facts.wants_certificate =
			fr_http_wants_certificate(code, text, statuses[i], "text/html", text);
		must_hold(!facts.wants_certificate || statuses[i] / 100 != 2,
			  "a 2xx wants no certificate");
		outcome = fr_http_outcome_of(&facts);
		must_hold(outcome.status / 100 != 2 || statuses[i] / 100 == 2,
			  "only a 2xx is a 2xx");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 2)
		return 0;
	text = calloc(1, size - 1);
	if (text == NULL)
		return 0;
	memcpy(text, data + 2, size - 2);
	words_must_hold((CURLcode)(data[0] % CURL_LAST), data[1] * 4, text);
	outcomes_must_hold((CURLcode)(data[0] % CURL_LAST), data[1] * 4, text);
	free(text);
	return 0;
}
