/* Asking the running agent over its agent.sock: one request, one answer, one deadline.
 *
 * A small HTTP/1.1 client of its own, so that the tool starts without an HTTP library. A path
 * that is longer than a socket address may be is reached from inside its folder.
 */
#ifndef FLIGHTREC_CLI_AGENT_CLIENT_H
#define FLIGHTREC_CLI_AGENT_CLIENT_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/env.h"
#include "base/status.h"

struct cli_answer {
	int status; /* HTTP status */
	struct fr_buffer body;
};

enum { CLI_AGENT_PATIENCE_MS = 2000 };

/* request: method and target, "GET /status". FR_NONE when no agent runs on this home, FR_BUSY
 * when it does not answer within wait_ms, FR_IO for anything else that is no HTTP answer. On
 * FR_OK the caller frees the answer. */
enum fr_status cli_agent_ask(const char *home, const struct fr_env *env, const char *request,
			     int64_t wait_ms, struct cli_answer *out, struct fr_error *err);
void cli_answer_fini(struct cli_answer *answer);

#endif
